/* `doctor`: the node looks at what it has published of itself. */
#include <stdio.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "proto/view_codec.h"
#include "src/base/board.h"
#include "src/base/clock.h"
#include "src/node/command.h"
#include "src/node/config.h"
#include "src/node/doctor.h"
#include "src/node/listing.h"

static const char *const columns[] = {"result", "check", "found", "remedy", NULL};

static const struct {
	enum section section;
	size_t offset;
} sections[] = {
	{SECTION_NODE, offsetof(struct doctor_facts, node)},
	{SECTION_STREAMS, offsetof(struct doctor_facts, streams)},
	{SECTION_TRANSCODERS, offsetof(struct doctor_facts, transcoders)},
	{SECTION_ORCHESTRATORS, offsetof(struct doctor_facts, orchestrators)},
	{SECTION_CHAIN, offsetof(struct doctor_facts, chain)},
	{SECTION_STAKING, offsetof(struct doctor_facts, staking)},
	{SECTION_PRICING, offsetof(struct doctor_facts, pricing)},
	{SECTION_FUNDS, offsetof(struct doctor_facts, funds)},
	{SECTION_TICKETS, offsetof(struct doctor_facts, tickets)},
};

static void read_facts(struct command_target *t, struct doctor_facts *f)
{
	unsigned roles = config_roles(t->config);

	f->onchain = config_is_onchain(t->config);
	f->orchestrates = roles & OPTION_O;
	f->transcodes = roles & OPTION_T;
	f->broadcasts = roles & OPTION_B;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		uint64_t version;
		struct blob *json = board_get(t->board, sections[i].section, &version);

		if (json)
			err_free(view_decode(section_desc(sections[i].section),
				(const char *)blob_data(json), blob_size(json),
				(char *)f + sections[i].offset));
		blob_put(json);
	}
}

static void clear_facts(struct doctor_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		view_clear(section_desc(sections[i].section), (char *)f + sections[i].offset);
}

static void write_rows(const struct view_doctor *v, enum listing_format format,
	struct str *out)
{
	struct listing *l = listing_new(columns);

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct check_row *r = &v->rows.v[i];

		listing_add(l, view_text(r->result));
		listing_add(l, view_text(r->name));
		listing_add(l, view_text(r->detail));
		listing_add(l, view_text(r->remedy));
	}
	listing_write(l, format, out);
	listing_free(l);
}

void cmd_doctor(struct command_target *t, const struct command *c, struct reply reply)
{
	struct doctor_facts f = {.onchain = false};
	struct view_doctor v = {.at_ms = clock_wall_ms()};
	struct str json = STR_INIT, text = STR_INIT;
	struct ctl_answer *answer;

	read_facts(t, &f);
	doctor_examine(&f, &v);
	clear_facts(&f);
	view_encode(section_desc(SECTION_DOCTOR), &v, &json);
	board_publish(t->board, SECTION_DOCTOR, blob_from_str(&json));
	write_rows(&v, listing_format(command_text(c, "format")), &text);
	answer = ctl_answer_new(CTL_DONE, str_take(&text));
	answer->code = doctor_worst(&v);
	view_clear(section_desc(SECTION_DOCTOR), &v);
	reply_send(reply, NULL, answer);
}
