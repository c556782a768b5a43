/* What comes in and what goes out: prices, tickets, deposit. */
#include "src/alarm/rules.h"
#include "src/model/price_cap.h"
#include "src/model/view_money.h"

#define HOUR_MS 3600000.0

static void check_price(const struct alarm_facts *f, struct alarm_book *b)
{
	const char *advertised = view_text(f->pricing->advertised), *whose = NULL;
	struct price cap = f->limits.price, now;
	struct str most = STR_INIT;

	if (!view_read_price(&now, advertised) || (price_is_free(cap) &&
			!price_cap_known(&cap, &whose, (int64_t)f->chain.chain_id)))
		return;
	price_fmt(&most, cap);
	if (price_cmp(now, cap) > 0 && whose)
		alarm_see(b, ALARM_PRICE, NULL, "%s is advertised: %s pay %s at most", advertised,
			whose, str_cstr(&most));
	else if (price_cmp(now, cap) > 0)
		alarm_see(b, ALARM_PRICE, NULL, "%s is advertised: more than -alarmPrice, %s",
			advertised, str_cstr(&most));
	str_clear(&most);
}

static void check_tickets(const struct alarm_facts *f, struct alarm_book *b)
{
	const struct view_tickets *t = f->tickets;
	const struct ticket_row *late = NULL;
	size_t n = 0;

	for (size_t i = 0; i < t->rows.n; i++) {
		const struct ticket_row *r = &t->rows.v[i];

		if ((!field_is(r->state, "won") && !field_is(r->state, "submitted")) ||
			r->rounds_left > f->limits.ticket_rounds)
			continue;
		late = r;
		n++;
	}
	if (n && f->limits.ticket_rounds)
		alarm_see(b, ALARM_TICKET_LATE, NULL, "%zu %s in %lld rounds or less, %s at risk: "
			"%s", n, n == 1 ? "ticket lapses" : "tickets lapse",
			(long long)f->limits.ticket_rounds, view_text(t->value_at_risk),
			*view_text(late->reason) ? late->reason : view_text(late->state));
	alarm_count(b, ALARM_TICKET_LOST, t->failed + t->lapsed,
		"%lld winning tickets failed and %lld lapsed: %s are lost", (long long)t->failed,
		(long long)t->lapsed, view_text(t->value_lost));
}

static void check_funds(const struct alarm_facts *f, struct alarm_book *b)
{
	const struct view_funds *m = f->funds;
	double least = (double)f->limits.runway_ms / HOUR_MS;

	least += alarm_is_on(b, ALARM_RUNWAY, NULL) ? least / 4 : 0;

	if (m->withdraw_round)
		alarm_see(b, ALARM_UNLOCKING, NULL, "deposit and reserve can be withdrawn from "
			"round %lld on: orchestrators refuse to work",
			(long long)m->withdraw_round);
	else if (*view_text(m->spent_per_hour) && m->runway_hours >= 0 &&
			m->runway_hours < least)
		alarm_see(b, ALARM_RUNWAY, NULL, "the deposit of %s lasts %.1f hours at %s an hour",
			view_text(m->deposit), m->runway_hours, m->spent_per_hour);
}

void rules_money(const struct alarm_facts *f, struct alarm_book *b)
{
	if (!f->onchain || !f->chain.ready)
		return;
	if (f->orchestrates) {
		check_price(f, b);
		check_tickets(f, b);
	}
	if (f->broadcasts)
		check_funds(f, b);
}
