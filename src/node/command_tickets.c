/* Winning tickets: listed, filtered, summed, exported. */
#include <string.h>
#include <time.h>

#include "db/tickets.h"
#include "proto/ctl_codec.h"
#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/node/command.h"
#include "src/node/listing.h"

#define DAYS 3650
#define DAY_S 86400

static const char *const columns[] = {"id", "state", "face_value", "sender", "win_prob", "round",
	"session", "manifest", "won", "redeemed", "paid", "gas_cost", "attempts", "tx", "tx_hash",
	"block", "reason", NULL};

static void add_addr(struct listing *l, struct eth_addr a)
{
	char text[EC_ADDR_TEXT_SIZE];

	ec_address_text(text, a.b);
	listing_add(l, text);
}

static struct err *add_ticket(void *ctx, const struct ticket_record *r)
{
	struct listing *l = ctx;
	struct str s = STR_INIT;

	listing_add_number(l, r->id);
	listing_add(l, ticket_state_name(r->state));
	listing_add_wei(l, r->won.ticket.face_value);
	add_addr(l, r->won.ticket.sender);
	prob_fmt(&s, r->won.ticket.win_prob);
	listing_add(l, s.s);
	str_truncate(&s, 0);
	listing_add_number(l, r->won.ticket.created.round.v);
	listing_add(l, r->session);
	listing_add(l, r->manifest);
	listing_add_time(l, r->won_ms);
	listing_add_time(l, r->redeemed_ms);
	listing_add_wei(l, r->paid);
	listing_add_wei(l, r->gas_cost);
	listing_addf(l, "%u", r->attempts);
	listing_add_number(l, r->tx);
	if (!hash_is_zero(r->tx_hash))
		hash_fmt(&s, r->tx_hash);
	listing_add(l, str_cstr(&s));
	str_clear(&s);
	listing_add_number(l, r->block);
	listing_add(l, r->reason);
	return NULL;
}

static struct err *read_filter(const struct command *c, struct ticket_filter *f)
{
	const char *state = command_text(c, "state");

	if (state && strcmp(state, "open") == 0)
		f->open = true;
	else if (state && strcmp(state, "any") != 0)
		f->by_state = ticket_state_parse(&f->state, state);
	if (command_value(c, "sender")) {
		f->by_sender = true;
		f->sender = command_value(c, "sender")->addr;
	}
	f->session = command_text(c, "session");
	if (command_value(c, "days"))
		f->since_ms = clock_wall_ms() - command_value(c, "days")->number * DAY_S * 1000;
	return NULL;
}

void cmd_tickets(struct command_target *t, const struct command *c, struct reply reply)
{
	struct listing *l = listing_new(columns);
	struct ticket_filter f = {.session = NULL};
	struct str text = STR_INIT;
	struct err *e = read_filter(c, &f);

	if (!e)
		e = tickets_each(t->db, &f, add_ticket, l);
	if (!e)
		listing_write(l, listing_format(command_text(c, "format")), &text);
	listing_free(l);
	reply_send(reply, e, e ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
}

static const char *const sums[] = {"of", "won", "redeemed", "open", "lost", "won_value", "paid",
	"gas_cost", NULL};

static void add_sum(struct listing *l, const struct ticket_totals *t)
{
	struct wei won = WEI_ZERO;
	long long n = 0;

	for (enum ticket_state s = 0; s < TICKET_STATES; s++) {
		n += t->n[s];
		won = wei_add_or_max(won, t->face[s]);
	}
	listing_addf(l, "%lld", n);
	listing_add_number(l, t->n[TICKET_REDEEMED]);
	listing_add_number(l, (t->n[TICKET_WON] + t->n[TICKET_SUBMITTED]));
	listing_add_number(l, (t->n[TICKET_FAILED] + t->n[TICKET_LAPSED]));
	listing_add_wei(l, won);
	listing_add_wei(l, t->paid);
	listing_add_wei(l, t->gas_cost);
}

static void add_sender(void *ctx, const struct ticket_group *g)
{
	add_addr(ctx, g->sender);
	add_sum(ctx, &g->totals);
}

static void add_day(void *ctx, const struct ticket_group *g)
{
	time_t at = (time_t)g->day * DAY_S;
	char text[16];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	listing_add(ctx, text);
	add_sum(ctx, &g->totals);
}

void cmd_ticket_totals(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *by = command_text(c, "by");
	struct listing *l = listing_new(sums);
	struct str text = STR_INIT;
	struct err *e = by && strcmp(by, "day") == 0
		? tickets_by_day(t->db, DAYS, add_day, l)
		: tickets_by_sender(t->db, add_sender, l);

	if (!e)
		listing_write(l, listing_format(command_text(c, "format")), &text);
	listing_free(l);
	reply_send(reply, e, e ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
}
