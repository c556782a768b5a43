#ifndef SRC_ROLE_BROADCASTER_PRIVATE_H
#define SRC_ROLE_BROADCASTER_PRIVATE_H
/* What broadcaster.c (the streams), stream.c (one stream) and delivery.c (one
 * segment's way to an orchestrator and back) share. All of it belongs to the
 * bcast actor. */
#include <uthash.h>

#include "src/role/broadcaster.h"
#include "src/role/playlist.h"
#include "src/role/purse.h"
#include "src/role/selection.h"
#include "src/role/shelf.h"
#include "src/role/tally.h"

struct delivery;

struct track { /* one rendition of a stream, or its source */
	struct playlist playlist;
	int64_t bytes, pixels, segments, media_ms;
};

/* Refreshing one trust level's sessions; the selection it fills. */
struct crew {
	struct stream *stream;
	enum trust trust;
	struct selection selection;
	bool tried; /* the first refresh has ended */
};

struct stream {
	UT_hash_handle hh;	     /* by manifest */
	UT_hash_handle hh_id;	     /* by id */
	struct broadcaster *b;
	uint64_t id;
	char manifest[MANIFEST_SIZE];
	char external[1024]; /* HTTP push: the path it is pushed under */
	char remote[64];
	enum ingest ingest;
	enum container container;
	struct ladder ladder;
	int32_t timeout_multiplier;
	bool force_reinit; /* from configuration: each segment */
	bool reinit_once;  /* the source changed */

	int32_t width, height;
	double fps;
	struct media_info info;
	bool probed, probing;

	struct crew crew[TRUST_LEVELS];
	/* closing: the publisher is gone, its last segments are under way;
	 * ending: nothing is done for it any more. */
	bool closing, ending;
	char reason[MANIFEST_SIZE]; /* why it closes */
	unsigned pending; /* replies that will come back to it */
	size_t deliveries;
	struct delivery *waiting; /* for sessions to come */
	int64_t used_ms; /* monotonic: last segment or request */

	struct track source, track[LADDER_MAX];
	bool source_listed, listed[LADDER_MAX];
	struct tally tally;
	char orchestrator[URI_SIZE];
	struct outlay outlay; /* on a chain: the last one settled, for show */
	struct credit paid;   /* expected value, of all */
	struct credit left;   /* of that session's payments, when it was settled */
};

/* A stream that has ended: players still fetch its last segments. */
struct leftover {
	struct leftover *next;
	char manifest[MANIFEST_SIZE];
	int64_t until_ms; /* monotonic */
};

struct broadcaster {
	struct actor *actor;
	struct log *log;
	struct net *net;
	struct pool *pool;
	struct board *board;
	struct history *history;
	struct shelf *shelf;
	struct discovery *discovery;
	struct purse *purse; /* NULL off-chain */
	struct selection_rule rule;

	char *auth_webhook;
	char *playback, *min_version;
	struct ladder ladder;
	unsigned max_attempts, max_streams;
	bool verify_pixels, current_manifest, draining, stopping;

	struct stream *streams; /* by manifest */
	struct stream *by_id;
	struct leftover *leftovers;
	uint64_t last_id;
	struct totals totals;
	struct timer *tick;
	bool dirty;
	int64_t published_ms;
};

struct stream *stream_by_id(struct broadcaster *b, uint64_t id);

/* --- broadcaster_money.c --- */
/* Is it dearer than we pay? Then that is what is said of it. */
void broadcaster_note_price(struct broadcaster *b, const struct orchestrator_info *info);

/* --- stream.c --- */
struct stream *stream_new(struct broadcaster *b,
	const struct stream_request *q, const char *manifest,
	const struct stream_auth *auth);
/* The publisher is gone: ends as soon as the last delivery is through. */
void stream_close(struct stream *s, const char *reason);
/* Ends it: sessions are told, playlists go; freed when nothing is pending. */
void stream_end(struct stream *s, const char *reason);
void stream_unpend(struct stream *s); /* pending--; may free it */
void stream_segment(struct stream *s, struct segment *taken,
	const struct media_info *info, bool force_reinit, struct reply reply);
/* Stores a segment's renditions and updates the playlists. */
void stream_store(struct stream *s, const struct segment *seg,
	struct blob *const *renditions, const int64_t *pixels, size_t n);
/* A session for the next segment; *crew is the one that gave it. NULL: none
 * now. Starts refreshing where sessions get few. */
struct orch_session *stream_pick(struct stream *s, struct crew **crew);
/* Discovery is under way: sessions may come. */
bool stream_is_waiting(const struct stream *s);
void stream_job_caps(const struct stream *s, struct caps *out);
/* A payment was settled. */
void stream_paid(struct stream *s, const struct outlay *o);
void stream_row(const struct stream *s, struct session_row *row);

/* Drops what ended streams left, when its time is up (now_ms) or, with a
 * manifest, that stream's at once. */
void leftovers_drop(struct broadcaster *b, int64_t now_ms,
	const char *manifest);

/* --- delivery.c --- */
/* Takes the segment. The reply is broadcaster_segment()'s. */
void delivery_start(struct stream *s, struct segment *taken,
	bool force_reinit, struct reply reply);
/* Sessions have come (or not): deliveries that waited for them go on. */
void deliveries_wake(struct stream *s);
#endif
