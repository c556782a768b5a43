/* The redeemer's section of what the operator may know. */
#include <string.h>
#include <time.h>

#include "proto/view_codec.h"
#include "src/crypto/ec.h"
#include "src/role/redeemer_private.h"

#define ROWS_MAX 300 /* newest tickets; those not over come on top */
#define OPEN_MAX 1000
#define DAYS 30
#define DAY_MS 86400000ll

static void set_wei(char **field, struct wei a)
{
	struct str s = STR_INIT;

	wei_fmt(&s, a);
	view_set(field, s.s);
	str_clear(&s);
}

static void set_addr(char **field, struct eth_addr a)
{
	char text[EC_ADDR_TEXT_SIZE];

	ec_address_text(text, a.b);
	view_set(field, text);
}

static double eth(struct wei a)
{
	return u256_to_double(a.v) / 1e18; /* raw: for a plot */
}

struct rows {
	const struct redeemer *r;
	struct view_tickets *v;
	bool is_open_part;
};

static struct err *add_row(void *ctx, const struct ticket_record *rec)
{
	struct rows *rows = ctx;
	const struct round_facts *round = &rows->r->facts.round;
	bool open = rec->state == TICKET_WON || rec->state == TICKET_SUBMITTED;
	struct str s = STR_INIT;
	struct ticket_row *row;

	if (open != rows->is_open_part)
		return NULL;
	row = VIEW_ADD(&rows->v->rows);
	row->id = rec->id;
	row->won_ms = rec->won_ms;
	set_addr(&row->sender, rec->won.ticket.sender);
	view_set(&row->session, rec->session);
	view_set(&row->manifest, rec->manifest);
	set_wei(&row->face_value, rec->won.ticket.face_value);
	prob_fmt(&s, rec->won.ticket.win_prob);
	view_set(&row->win_prob, s.s);
	str_clear(&s);
	row->round = rec->won.ticket.created.round.v;
	if (open && rows->r->facts.ready)
		row->rounds_left = row->round + (int64_t)round->ticket_validity -
			round->current.v;
	view_set(&row->state, ticket_state_name(rec->state));
	view_set(&row->reason, rec->reason);
	row->tx = rec->tx;
	if (!hash_is_zero(rec->tx_hash)) {
		hash_fmt(&s, rec->tx_hash);
		view_set(&row->tx_hash, s.s);
		str_clear(&s);
	}
	row->attempts = rec->attempts;
	row->redeemed_ms = rec->redeemed_ms;
	if (rec->state == TICKET_REDEEMED) {
		set_wei(&row->paid, rec->paid);
		set_wei(&row->gas_cost, rec->gas_cost);
	}
	return NULL;
}

static void fill_sum(struct ticket_sum_row *row, const struct ticket_totals *t)
{
	struct wei won = WEI_ZERO;

	for (enum ticket_state s = 0; s < TICKET_STATES; s++) {
		row->won += t->n[s];
		won = wei_add_or_max(won, t->face[s]);
	}
	row->redeemed = t->n[TICKET_REDEEMED];
	row->lost = t->n[TICKET_FAILED] + t->n[TICKET_LAPSED];
	set_wei(&row->won_value, won);
	set_wei(&row->redeemed_value, t->paid);
	row->won_eth = eth(won);
	row->redeemed_eth = eth(t->paid);
}

static void add_sender(void *ctx, const struct ticket_group *g)
{
	struct view_tickets *v = ctx;
	struct ticket_sum_row *row = VIEW_ADD(&v->senders);

	set_addr(&row->key, g->sender);
	fill_sum(row, &g->totals);
}

static void add_day(void *ctx, const struct ticket_group *g)
{
	struct view_tickets *v = ctx;
	struct ticket_sum_row *row = VIEW_ADD(&v->days);
	time_t at = (time_t)(g->day * DAY_MS / 1000);
	struct tm tm;
	char text[16];

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	view_set(&row->key, text);
	fill_sum(row, &g->totals);
}

static struct err *fill(const struct redeemer *r, struct view_tickets *v)
{
	struct rows rows = { .r = r, .v = v, .is_open_part = true };
	struct wei won = WEI_ZERO;
	struct ticket_totals t;
	struct err *e = tickets_each(r->db,
		&(struct ticket_filter){ .open = true, .limit = OPEN_MAX }, add_row, &rows);

	rows.is_open_part = false;
	if (!e)
		e = tickets_each(r->db, &(struct ticket_filter){ .limit = ROWS_MAX },
			add_row, &rows);
	if (!e)
		e = tickets_totals(r->db, &(struct ticket_filter){ 0 }, &t);
	if (!e)
		e = tickets_by_sender(r->db, add_sender, v);
	if (!e)
		e = tickets_by_day(r->db, DAYS, add_day, v);
	if (e)
		return e;
	v->waiting = t.n[TICKET_WON];
	v->submitted = t.n[TICKET_SUBMITTED];
	v->redeemed = t.n[TICKET_REDEEMED];
	v->failed = t.n[TICKET_FAILED];
	v->lapsed = t.n[TICKET_LAPSED];
	v->won = v->waiting + v->submitted + v->redeemed + v->failed + v->lapsed;
	for (enum ticket_state s = 0; s < TICKET_STATES; s++)
		won = wei_add_or_max(won, t.face[s]);
	set_wei(&v->value_won, won);
	set_wei(&v->value_at_risk, wei_add_or_max(t.face[TICKET_WON],
		t.face[TICKET_SUBMITTED]));
	set_wei(&v->value_lost, wei_add_or_max(t.face[TICKET_FAILED],
		t.face[TICKET_LAPSED]));
	set_wei(&v->value_redeemed, t.paid);
	set_wei(&v->gas_spent, t.gas_cost);
	return NULL;
}

void redeemer_publish(struct redeemer *r)
{
	struct view_tickets v = { .won = 0 };
	struct str json = STR_INIT;
	struct wei expected;
	struct err *e = fill(r, &v);

	if (e) {
		log_unusual(r->log, "tickets cannot be listed: %s", err_text(e));
		err_free(e);
	} else {
		if (credit_to_wei(&expected, r->received))
			set_wei(&v.expected, expected);
		view_encode(section_desc(SECTION_TICKETS), &v, &json);
		board_publish(r->board, SECTION_TICKETS, blob_from_str(&json));
	}
	view_clear(section_desc(SECTION_TICKETS), &v);
}
