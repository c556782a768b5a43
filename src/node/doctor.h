#ifndef SRC_NODE_DOCTOR_H
#define SRC_NODE_DOCTOR_H
/* Why does no work come, or no money? Checks in the order in which one thing
 * needs the other, over what the node has published of itself. Pure. */
#include "src/model/view.h"

struct doctor_facts {
	struct view_node node;
	struct view_streams streams;
	struct view_transcoders transcoders;
	struct view_orchestrators orchestrators;
	struct view_chain chain;
	struct view_staking staking;
	struct view_pricing pricing;
	struct view_funds funds;
	struct view_tickets tickets;
	bool onchain, orchestrates, transcodes, broadcasts;
};
/* Fills a zeroed view; view_clear() it. */
void doctor_examine(const struct doctor_facts *f, struct view_doctor *out);
size_t doctor_failures(const struct view_doctor *v);
/* 0: all is well, 1: there is a warning, 2: something fails; as monitoring
 * reads exit codes. */
int doctor_worst(const struct view_doctor *v);
#endif
