/* `sessions` and `segments`: what the database kept of the work, when those who
 * asked for it are gone. */
#include "db/segments.h"
#include "db/sessions.h"
#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "src/node/listing.h"

#define ROWS 100

static int64_t rows_of(const struct command *c)
{
	const union command_value *rows = command_value(c, "rows");

	return rows ? rows->number : ROWS;
}

static void answer(const struct command *c, struct listing *taken, struct err *e,
	struct reply reply)
{
	struct str text = STR_INIT;

	if (!e)
		listing_write(taken, listing_format(command_text(c, "format")), &text);
	listing_free(taken);
	reply_send(reply, e, e ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
}

/* --- sessions --- */

static const char *const session_columns[] = {"role", "session", "manifest", "started", "ended",
	"segments", "failed", "last_error", NULL};

/* Of one that lives, nothing is counted yet. */
static void add_session(void *ctx, const struct session_record *r)
{
	struct listing *l = ctx;

	listing_add(l, r->role);
	listing_add(l, r->session);
	listing_add(l, r->manifest);
	listing_add_time(l, r->started_ms);
	listing_add_time(l, r->ended_ms);
	if (r->ended_ms) {
		listing_add_number(l, r->segments_ok);
		listing_add_number(l, r->segments_failed);
	} else {
		listing_add(l, "");
		listing_add(l, "");
	}
	listing_add(l, r->last_error);
}

void cmd_sessions(struct command_target *t, const struct command *c, struct reply reply)
{
	struct listing *l = listing_new(session_columns);

	answer(c, l, sessions_each(t->db, rows_of(c), add_session, l), reply);
}

/* --- segments --- */

static const char *const segment_columns[] = {"role", "segment", "at", "duration_ms", "took_ms",
	"bytes", "error", NULL};

static void add_segment(void *ctx, const struct segment_record *r)
{
	struct listing *l = ctx;

	listing_add(l, r->role);
	listing_add_number(l, r->seq);
	listing_add_time(l, r->at_ms);
	listing_add_number(l, r->duration_ms);
	listing_add_number(l, r->latency_ms);
	listing_add_number(l, r->bytes);
	listing_add(l, r->error ? r->error : "");
}

void cmd_segments(struct command_target *t, const struct command *c, struct reply reply)
{
	static const char *const roles[] = {"B", "O", "T"};
	const char *session = command_text(c, "session");
	struct listing *l = listing_new(segment_columns);
	struct err *e = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(roles) && !e; i++)
		e = segments_each(t->db, roles[i], session, rows_of(c), add_segment, l);
	if (!e && !listing_rows(l))
		e = err_new(ERR_NOT_FOUND, "no segment of \"%s\" is kept; `weir sessions` lists "
			"whose there may be", session);
	answer(c, l, e, reply);
}
