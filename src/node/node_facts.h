#ifndef SRC_NODE_NODE_FACTS_H
#define SRC_NODE_NODE_FACTS_H
/* What the node has published of itself, as structs again: what the doctor and
 * the alarms look at, who thus see what the operator sees. One owner. */
#include "src/base/board.h"
#include "src/model/view.h"
#include "src/node/config.h"

struct node_facts {
	struct view_node node;
	struct view_streams streams;
	struct view_sessions sessions;
	struct view_transcoders transcoders;
	struct view_orchestrators orchestrators;
	struct view_chain chain;
	struct view_staking staking;
	struct view_pricing pricing;
	struct view_funds funds;
	struct view_tickets tickets;
	struct view_txs txs;
	struct view_devices devices;
	struct view_settings settings;
	bool onchain, orchestrates, transcodes, broadcasts;
	uint64_t version[SECTION_COUNT]; /* as decoded */
};

/* What has changed since the last time, of these sections (1 << enum section);
 * *f zeroed to begin with. A section that cannot be read stays as it was. */
void node_facts_read(struct node_facts *f, struct board *board, const struct config *c,
	unsigned sections);
void node_facts_clear(struct node_facts *f);
#endif
