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
#include "src/node/node.h"

static const char *const columns[] = {"result", "check", "found", "remedy", NULL};

static void write_rows(const struct view_doctor *v, enum listing_format format,
	struct str *out)
{
	struct listing *l = listing_new(columns);

	listing_last_below(l);
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
	struct node_facts f = {.onchain = false};
	unsigned roles = node_roles(t->node);
	struct view_doctor v = {.at_ms = clock_wall_ms()};
	struct str json = STR_INIT, text = STR_INIT;
	struct ctl_answer *answer;

	node_facts_read(&f, t->board, t->config, ~0u);
	f.orchestrates = roles & OPTION_O;
	f.transcodes = roles & OPTION_T;
	f.broadcasts = roles & OPTION_B;
	doctor_examine(&f, &v);
	node_facts_clear(&f);
	view_encode(section_desc(SECTION_DOCTOR), &v, &json);
	board_publish(t->board, SECTION_DOCTOR, blob_from_str(&json));
	write_rows(&v, listing_format(command_text(c, "format")), &text);
	answer = ctl_answer_new(CTL_DONE, str_take(&text));
	answer->code = doctor_worst(&v);
	view_clear(section_desc(SECTION_DOCTOR), &v);
	reply_send(reply, NULL, answer);
}
