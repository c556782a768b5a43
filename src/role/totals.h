#ifndef SRC_ROLE_TOTALS_H
#define SRC_ROLE_TOTALS_H
/* What a role has done since the node started, and does now: the answer of
 * orchestrator_totals(), transcoder_totals() and broadcaster_totals(). */
#include <stdbool.h>
#include <stdint.h>

struct totals {
	int64_t sessions;  /* live */
	int64_t limit;	   /* of sessions; changes while running */
	int64_t in_flight; /* segments being worked on */
	int64_t ok, failed, pixels;
	int64_t media_ms, busy_ms; /* of the segments that came out */
	int64_t orchestrators;	   /* B: usable by some stream; T: 1 connected */
	int64_t transcoders;	   /* O: local workers' slots and remotes */
	int64_t local;		   /* O: sessions that are on its own transcoder */
	int64_t unsaved;	   /* O: winning tickets that wait for the database */
};
#endif
