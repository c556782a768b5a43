#include "ui/panels/glance.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "src/model/ladder_cost.h"
#include "ui/facts.h"
#include "ui/panels/alarms.h"
#include "ui/plot.h"
#include "ui/unit.h"

#define LABEL_W 10
#define HOUR_MS 3600000
#define DAY_MS 86400000
#define RUNWAY_SHORT_H 24

void round_clock_draw(const struct view_chain *v, struct canvas *c, int x, int y, int w)
{
	double done = v->round_length
		? (double)(v->l1_block - v->round_start) / (double)v->round_length : 0;
	int lock = v->round_length ? (int)(w * v->round_lock_from / v->round_length) : w;

	plot_bar(c, x, y, w, v->round_locked ? STYLE_WARN : STYLE_GRAPH, done);
	for (int i = lock; i < w - (c->glyphs != GLYPHS_UNICODE); i++)
		if (i >= (int)(done * w))
			canvas_put(c, x + i, y, STYLE_WARN, '/');
}

static bool has_role(const struct mirror *m, const char *name)
{
	for (size_t i = 0; i < m->node.roles.n; i++)
		if (!strcmp(view_text(m->node.roles.v[i].name), name))
			return true;
	return false;
}

/* "+12%" against what was before; nothing where there was nothing. */
static void add_change(struct str *out, double now, double before)
{
	if (before > 0)
		str_printf(out, " (%+.0f%%)", (now / before - 1) * 100);
}

/* --- money --- */

static double eth(struct wei w)
{
	return u256_to_double(w.v) / 1e18; /* raw: for reading */
}

static const struct wei *amount(const struct sample *q, size_t offset)
{
	return (const struct wei *)(const void *)((const char *)q + offset);
}

/* "0.012 ETH in 1h (+12%), 0.2 ETH in 24h" */
static void add_income(struct str *out, double hour, double before, double day)
{
	unit_eth(out, hour);
	str_add(out, " in 1h");
	add_change(out, hour, before);
	str_add(out, ", ");
	unit_eth(out, day);
	str_add(out, " in 24h");
}

static void say_income(struct facts *f, const struct mirror *m, const char *label,
	size_t offset)
{
	struct sample hour = trend_sum(&m->trend, SPAN_HOUR, HOUR_MS, 0);
	struct sample before = trend_sum(&m->trend, SPAN_DAY, 2 * HOUR_MS, HOUR_MS);
	struct sample day = trend_sum(&m->trend, SPAN_DAY, DAY_MS, 0);
	struct str s = STR_INIT;

	add_income(&s, eth(*amount(&hour, offset)), eth(*amount(&before, offset)),
		eth(*amount(&day, offset)));
	facts_line(f, wei_is_zero(*amount(&hour, offset)) ? STYLE_NORMAL : STYLE_OK, label,
		"%s", s.s);
	str_clear(&s);
}

static void say_redeemed(struct facts *f, const struct mirror *m)
{
	struct sample day = trend_sum(&m->trend, SPAN_DAY, DAY_MS, 0);
	struct str s = STR_INIT;

	unit_eth(&s, eth(day.redeemed));
	str_add(&s, ", gas ");
	unit_eth(&s, eth(day.gas));
	str_add(&s, " in 24h");
	facts_line(f, STYLE_VALUE, "Redeemed", "%s", s.s);
	str_clear(&s);
}

/* --- the protocol --- */

static void say_active(struct facts *f, const struct view_staking *v)
{
	bool active = !strcmp(view_text(v->state), "active");

	if (!*view_text(v->state))
		facts_line(f, STYLE_DIM, "Active", "not known yet");
	else if (active && v->deactivation_round)
		facts_line(f, STYLE_WARN, "Active", "until round %" PRId64 ", rank %" PRId64,
			v->deactivation_round, v->rank);
	else if (active)
		facts_line(f, STYLE_OK, "Active", "yes, rank %" PRId64 " of %" PRId64, v->rank,
			v->pool_max);
	else if (v->activation_round && !strcmp(v->state, "registered"))
		facts_line(f, STYLE_WARN, "Active", "no, from round %" PRId64 " on",
			v->activation_round);
	else
		facts_line(f, STYLE_FAIL, "Active", "no: %s", v->state);
}

static void say_round(struct facts *f, const struct view_chain *v)
{
	int room = f->in.w - 2 - LABEL_W, bar;
	struct str s = STR_INIT;

	if (f->in.h < 1 || !v->round_length)
		return;
	str_printf(&s, "%" PRId64 ", %" PRId64 " left%s", v->round, v->blocks_left,
		v->paused ? ", PAUSED" : v->round_locked ? ", locked" : "");
	bar = room - (int)s.len - 1;
	if (bar >= 6)
		round_clock_draw(v, f->c, f->in.x + 2 + LABEL_W + (int)s.len, f->in.y, bar);
	facts_line(f, v->paused ? STYLE_FAIL : v->round_locked ? STYLE_WARN : STYLE_VALUE,
		"Round", "%s", s.s);
	str_clear(&s);
}

static void say_runway(struct facts *f, const struct view_funds *v)
{
	bool leaving = !strcmp(view_text(v->state), "unlocking");
	bool brief = v->runway_hours < RUNWAY_SHORT_H;
	struct str runway = STR_INIT;

	if (!*view_text(v->state))
		return;
	if (v->runway_hours >= 0)
		hours_fmt(&runway, v->runway_hours);
	if (leaving)
		facts_line(f, STYLE_WARN, "Deposit", "%s, unlocking until round %" PRId64,
			view_text(v->deposit), v->withdraw_round);
	else if (v->runway_hours >= 0)
		facts_line(f, brief ? STYLE_WARN : STYLE_OK, "Deposit",
			"%s: %s at %s an hour%s", view_text(v->deposit), str_cstr(&runway),
			view_text(v->spent_per_hour), brief ? ", short" : "");
	else
		facts_line(f, STYLE_VALUE, "Deposit", "%s", view_text(v->deposit));
	str_clear(&runway);
}

/* --- work --- */

static void say_work(struct facts *f, const struct mirror *m)
{
	struct sample hour = trend_sum(&m->trend, SPAN_HOUR, HOUR_MS, 0);
	struct sample before = trend_sum(&m->trend, SPAN_DAY, 2 * HOUR_MS, HOUR_MS);
	struct sample day = trend_sum(&m->trend, SPAN_DAY, DAY_MS, 0);
	struct str s = STR_INIT;

	unit_count(&s, hour.segments);
	str_add(&s, " segments in 1h");
	add_change(&s, (double)hour.segments, (double)before.segments);
	facts_line(f, hour.segments ? STYLE_OK : STYLE_NORMAL, "Work", "%s", s.s);
	str_truncate(&s, 0);
	unit_count(&s, day.segments);
	str_add(&s, " segments, ");
	unit_count(&s, day.failed);
	str_add(&s, " failed");
	facts_line(f, day.failed ? STYLE_WARN : STYLE_VALUE, "In 24h", "%s", s.s);
	str_truncate(&s, 0);
	unit_ratio(&s, hour.media_ms ? (double)hour.busy_ms / (double)hour.media_ms : -1);
	str_add(&s, " of real time, ");
	unit_count(&s, hour.pixels);
	str_add(&s, " pixels in 1h");
	facts_line(f, STYLE_VALUE, "Speed", "%s", s.s);
	str_clear(&s);
}

static void say_needs(struct facts *f, const struct mirror *m)
{
	size_t unseen = alarms_unseen(&m->node), n = m->node.alarms.n;

	if (unseen)
		facts_line(f, STYLE_FAIL, "Needs you", "%zu alarm%s, not seen yet", unseen,
			unseen == 1 ? "" : "s");
	else if (n)
		facts_line(f, STYLE_WARN, "Needs you", "%zu alarm%s, seen", n, n == 1 ? "" : "s");
	else if (!strcmp(view_text(m->wizard.state), "asks"))
		facts_line(f, STYLE_WARN, "Needs you", "the migration asks: room M");
	else
		facts_line(f, STYLE_OK, "Needs you", "nothing");
}

void glance_draw(const struct mirror *m, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "At a glance", LABEL_W);
	bool earns = has_role(m, "orchestrator"), pays = has_role(m, "broadcaster");

	say_needs(&f, m);
	if (!m->published[SECTION_CHAIN]) {
		say_work(&f, m);
		facts_line(&f, STYLE_DIM, "Money", "none: off-chain, work is free");
		return;
	}
	if (earns) {
		say_income(&f, m, "Earned", offsetof(struct sample, earned));
		say_active(&f, &m->staking);
		facts_line(&f, m->staking.reward_called ? STYLE_OK : STYLE_WARN, "Reward", "%s",
			*view_text(m->staking.reward_state) ? m->staking.reward_state
			: m->staking.reward_called ? "called" : "not called");
	}
	say_round(&f, &m->chain);
	if (pays)
		say_runway(&f, &m->funds);
	if (pays)
		say_income(&f, m, "Spent", offsetof(struct sample, spent));
	if (earns)
		say_redeemed(&f, m);
	say_work(&f, m);
}
