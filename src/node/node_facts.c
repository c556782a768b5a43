#include "src/node/node_facts.h"

#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"

static const struct {
	enum section section;
	size_t offset;
} parts[] = {
	{SECTION_NODE, offsetof(struct node_facts, node)},
	{SECTION_STREAMS, offsetof(struct node_facts, streams)},
	{SECTION_SESSIONS, offsetof(struct node_facts, sessions)},
	{SECTION_TRANSCODERS, offsetof(struct node_facts, transcoders)},
	{SECTION_ORCHESTRATORS, offsetof(struct node_facts, orchestrators)},
	{SECTION_CHAIN, offsetof(struct node_facts, chain)},
	{SECTION_STAKING, offsetof(struct node_facts, staking)},
	{SECTION_PRICING, offsetof(struct node_facts, pricing)},
	{SECTION_FUNDS, offsetof(struct node_facts, funds)},
	{SECTION_TICKETS, offsetof(struct node_facts, tickets)},
	{SECTION_TXS, offsetof(struct node_facts, txs)},
	{SECTION_DEVICES, offsetof(struct node_facts, devices)},
	{SECTION_SETTINGS, offsetof(struct node_facts, settings)},
};

static void read_part(struct node_facts *f, struct board *board, size_t i)
{
	enum section s = parts[i].section;
	void *fresh, *view = (char *)f + parts[i].offset;
	uint64_t version;
	struct blob *json;
	struct err *e;

	if (board_version(board, s) == f->version[s])
		return;
	json = board_get(board, s, &version);
	if (!json)
		return;
	fresh = xcalloc(1, section_desc(s)->size);
	e = view_decode(section_desc(s), (const char *)blob_data(json), blob_size(json), fresh);
	if (!e) {
		view_clear(section_desc(s), view);
		memcpy(view, fresh, section_desc(s)->size);
		f->version[s] = version;
	}
	err_free(e);
	free(fresh);
	blob_put(json);
}

void node_facts_read(struct node_facts *f, struct board *board, const struct config *c,
	unsigned sections)
{
	unsigned roles = config_roles(c);

	f->onchain = config_is_onchain(c);
	f->orchestrates = roles & OPTION_O;
	f->transcodes = roles & OPTION_T;
	f->broadcasts = roles & OPTION_B;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (sections & 1u << parts[i].section)
			read_part(f, board, i);
}

void node_facts_clear(struct node_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		view_clear(section_desc(parts[i].section), (char *)f + parts[i].offset);
	*f = (struct node_facts){.onchain = false};
}
