/* Who was paid how much, and what the operator sees of it. Runs on the bcast
 * actor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/model/view_money.h"
#include "src/role/purse_private.h"
#include "src/role/stake_facts.h"

#define PEERS_MAX 512

/* --- peers --- */

static struct peer *find_peer(const struct purse *p, struct eth_addr recipient)
{
	struct peer *one;

	HASH_FIND(hh, p->peers, &recipient, sizeof(recipient), one);
	return one;
}

static struct peer *have_peer(struct purse *p, const struct orchestrator_info *info)
{
	struct peer *one = find_peer(p, info->params.recipient);

	if (one) {
		HASH_DEL(p->peers, one);
	} else {
		if (HASH_COUNT(p->peers) >= PEERS_MAX) {
			one = p->peers;
			HASH_DEL(p->peers, one);
			free(one);
		}
		one = XNEW(struct peer);
		one->recipient = info->params.recipient;
	}
	HASH_ADD(hh, p->peers, recipient, sizeof(one->recipient), one);
	memcpy(one->uri, info->transcoder, sizeof(one->uri));
	one->has_price = orchestrator_price(&one->price, info);
	one->face_value = info->params.face_value;
	return one;
}

void purse_note(struct purse *p, const struct orchestrator_info *info, const char *error)
{
	struct peer *one;

	if (!info->has_params)
		return;
	one = have_peer(p, info);
	snprintf(one->last_error, sizeof(one->last_error), "%s", error);
	one->last_error_ms = clock_wall_ms();
}

/* --- spending --- */

/* Clears the minutes between the last one that was counted and this one. */
static void turn_minutes(struct purse *p, int64_t now_ms)
{
	int64_t now = (now_ms - p->began_ms) / MINUTE_MS;

	for (int i = 0; i < MINUTES && p->minute_no < now; i++)
		p->minute[++p->minute_no % MINUTES] = CREDIT_ZERO;
	p->minute_no = now;
}

static void add_to(struct credit *sum, struct credit a)
{
	struct credit s;

	if (credit_add(&s, *sum, a))
		*sum = s;
}

void purse_count(struct purse *p, const struct orchestrator_info *info, struct credit ev)
{
	struct peer *one = have_peer(p, info);

	turn_minutes(p, clock_mono_ms());
	add_to(&p->spent, ev);
	add_to(&p->minute[p->minute_no % MINUTES], ev);
	add_to(&one->sent, ev);
}

void purse_count_left(struct purse *p, const struct outlay *o)
{
	struct peer *one = find_peer(p, o->peer);

	if (one && !purse_balance(p, o->peer, o->session, &one->left))
		one->left = CREDIT_ZERO;
}

/* What the last hour's spending comes to in an hour. */
static struct wei per_hour(const struct purse *p, int64_t now_ms)
{
	int64_t ms = now_ms - p->began_ms, minute = ms / MINUTE_MS;
	struct credit sum = CREDIT_ZERO;
	struct wei w = WEI_ZERO;

	for (int i = 0; i < MINUTES; i++) {
		/* What was not cleared yet since nothing was spent is old. */
		if (minute - p->minute_no + i < MINUTES && p->minute_no - i >= 0)
			add_to(&sum, p->minute[(p->minute_no - i) % MINUTES]);
	}
	if (!credit_to_wei(&w, sum))
		return WEI_ZERO;
	if (ms < MINUTES * MINUTE_MS) { /* not an hour yet */
		uint64_t seconds = ms < 1000 ? 1 : (uint64_t)ms / 1000;

		if (!wei_mul(&w, w, 3600))
			return WEI_ZERO;
		w = wei_div(w, seconds);
	}
	return w;
}

/* --- views --- */

bool purse_balance(const struct purse *p, struct eth_addr peer, const char *session,
	struct credit *out)
{
	return credits_balance(p->credits, peer, session, out);
}

static void peer_row(const struct peer *one, struct funds_row *row)
{
	view_set_addr(&row->address, one->recipient);
	view_set(&row->uri, one->uri);
	view_set_wei(&row->face_value, one->face_value);
	if (one->has_price)
		view_set_price(&row->price, one->price);
	view_set_credit(&row->credit, one->left);
	view_set_credit(&row->sent, one->sent);
	view_set(&row->last_error, one->last_error);
	row->last_error_ms = one->last_error_ms;
}

static void funds_in(const struct purse *p, struct view_funds *out)
{
	struct round_no now = p->facts.round.current, until = p->funds.withdraw_round;
	enum funds_state state = funds_state(&p->funds, now);

	view_set(&out->state, funds_state_name(state));
	out->withdraw_round = until.v;
	out->rounds_left = state == FUNDS_UNLOCKING ? until.v - now.v : 0;
	view_set_wei(&out->deposit, p->funds.deposit);
	view_set_wei(&out->reserve, p->funds.reserve);
}

void purse_view(const struct purse *p, int64_t now_ms, struct view_funds *out)
{
	struct wei rate = per_hour(p, now_ms);
	double hourly = u256_to_double(rate.v); /* raw: for display */

	view_set_wei(&out->max_ticket_ev, p->o.max_ticket_ev);
	view_set_wei(&out->max_total_ev, p->o.max_total_ev);
	out->deposit_multiplier = (int64_t)p->o.deposit_multiplier;
	view_set_credit(&out->spent_total, p->spent);
	view_set_wei(&out->spent_per_hour, rate);
	out->runway_hours = -1;
	if (p->has_funds) {
		funds_in(p, out);
		if (hourly > 0)
			out->runway_hours =
				u256_to_double(p->funds.deposit.v) / hourly; /* raw: for display */
	}
	for (struct peer *one = p->peers; one; one = one->hh.next)
		peer_row(one, VIEW_ADD(&out->peers));
}
