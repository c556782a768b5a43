/* Prices, what tickets look like, gas prices, the ladder: changed while the node
 * runs, and kept for its next start. */
#include <stdlib.h>
#include <string.h>

#include "db/kv.h"
#include "proto/ctl_codec.h"
#include "proto/ladder_json.h"
#include "src/base/log.h"
#include "src/crypto/ec.h"
#include "src/eth/chain.h"
#include "src/model/ladder_cost.h"
#include "src/node/command.h"
#include "src/node/config.h"
#include "src/node/node.h"
#include "src/node/settings.h"
#include "src/role/redeemer.h"

static void done(struct reply reply, struct str *text)
{
	reply_send(reply, NULL, ctl_answer_new(CTL_DONE, str_take(text)));
}

static void keep_wei(struct command_target *t, enum option_id id, struct wei value,
	struct str *text)
{
	struct str s = STR_INIT;

	u256_fmt(&s, value.v); /* raw: as -flags have it */
	settings_keep(t->settings, id, s.s, text);
	str_clear(&s);
}

/* The flags are a price for -pixelsPerUnit pixels: with that as it is. */
static void keep_price(struct command_target *t, enum option_id id, struct price p,
	struct str *text)
{
	struct price unit;
	struct str s = STR_INIT;
	struct err *e = price_parse(&unit,
		config_text(settings_next(t->settings), OPT_PIXELS_PER_UNIT), "1");
	struct u256 num, den;

	if (!e && u256_mul(&num, p.per.v, unit.per.v) && /* raw: a ratio */
		u256_mul(&den, u256_from(p.unit.v), u256_from(unit.unit.v))) { /* raw: a ratio */
		u256_fmt(&s, num);
		str_addc(&s, '/');
		u256_fmt(&s, den);
		settings_keep(t->settings, id, s.s, text);
	} else {
		str_printf(text, "; not kept for the next start: %s",
			e ? err_text(e) : "too many digits for a file");
	}
	err_free(e);
	str_clear(&s);
}

/* Then the command is answered. */
static bool no_orchestrator(struct command_target *t, struct reply reply)
{
	if (node_is_paid(t->node))
		return false;
	reply_send(reply, err_new(ERR_INVALID, "this node is no orchestrator on a chain"),
		NULL);
	return true;
}

/* "price.<address>": what daemon start reads back (node_start). */
static void keep_special(struct command_target *t, struct eth_addr who,
	const struct price *p, struct str *text)
{
	struct str key = STR_INIT, value = STR_INIT;
	struct err *e;

	str_add(&key, NODE_PRICE_KEY);
	addr_fmt(&key, who);
	if (p) {
		u256_fmt(&value, p->per.v); /* raw: a ratio */
		str_printf(&value, "/%llu", (unsigned long long)p->unit.v); /* raw: a ratio */
	}
	e = p ? kv_put(t->db, key.s, value.s) : kv_delete(t->db, key.s);
	if (e) {
		log_unusual(t->log, "the price is not kept: %s", err_text(e));
		str_printf(text, "; not kept for the next start: %s", err_text(e));
	}
	err_free(e);
	str_clear(&key);
	str_clear(&value);
}

void cmd_set_price(struct command_target *t, const struct command *c, struct reply reply)
{
	const union command_value *who = command_value(c, "broadcaster");
	struct price p = command_value(c, "price")->price;
	struct str text = STR_INIT;

	if (no_orchestrator(t, reply))
		return;
	node_set_price(t->node, who ? &who->addr : NULL, &p);
	price_fmt(&text, p);
	str_add(&text, " for ");
	if (who) {
		addr_fmt(&text, who->addr);
		keep_special(t, who->addr, &p, &text);
	} else {
		str_add(&text, "all without a price of their own");
		keep_price(t, OPT_PRICE_PER_UNIT, p, &text);
	}
	done(reply, &text);
}

void cmd_unset_price(struct command_target *t, const struct command *c, struct reply reply)
{
	struct eth_addr who = command_value(c, "broadcaster")->addr;
	struct str text = STR_INIT;

	if (no_orchestrator(t, reply))
		return;
	node_set_price(t->node, &who, NULL);
	addr_fmt(&text, who);
	str_add(&text, " pays what all pay");
	keep_special(t, who, NULL, &text);
	done(reply, &text);
}

void cmd_set_ticket_ev(struct command_target *t, const struct command *c, struct reply reply)
{
	struct wei ev = command_value(c, "ev")->wei;
	struct str text = STR_INIT;

	if (no_orchestrator(t, reply))
		return;
	if (wei_is_zero(ev)) {
		reply_send(reply, err_new(ERR_INVALID, "a ticket must be worth something"),
			NULL);
		return;
	}
	node_set_ticket_ev(t->node, ev);
	str_add(&text, "tickets are worth ");
	wei_fmt(&text, ev);
	keep_wei(t, OPT_TICKET_EV, ev, &text);
	done(reply, &text);
}

void cmd_set_max_face_value(struct command_target *t, const struct command *c,
	struct reply reply)
{
	struct wei max = command_value(c, "max")->wei;
	struct str text = STR_INIT;

	if (no_orchestrator(t, reply))
		return;
	node_set_max_face_value(t->node, max);
	str_add(&text, wei_is_zero(max) ? "no highest face value" : "face values of at most ");
	if (!wei_is_zero(max))
		wei_fmt(&text, max);
	keep_wei(t, OPT_MAX_FACE_VALUE, max, &text);
	done(reply, &text);
}

void cmd_set_auto_adjust(struct command_target *t, const struct command *c,
	struct reply reply)
{
	bool on = strcmp(command_text(c, "on"), "on") == 0;
	struct str text = STR_INIT;

	if (no_orchestrator(t, reply))
		return;
	node_set_auto_adjust(t->node, on);
	str_add(&text, on ? "prices are raised by what redeeming costs"
			  : "prices stay what they are, whatever gas costs");
	settings_keep(t->settings, OPT_AUTO_ADJUST_PRICE, on ? "true" : "false", &text);
	done(reply, &text);
}

void cmd_set_max_price(struct command_target *t, const struct command *c, struct reply reply)
{
	struct price p = command_value(c, "price")->price;
	struct str text = STR_INIT;

	if (!node_pays(t->node)) {
		reply_send(reply, err_new(ERR_INVALID, "this node is no broadcaster on a chain"),
			NULL);
		return;
	}
	node_set_max_price(t->node, p);
	if (price_is_free(p)) {
		str_add(&text, "ANY price will be paid");
	} else {
		str_add(&text, "pays at most ");
		price_fmt(&text, p);
	}
	keep_price(t, OPT_MAX_PRICE_PER_UNIT, p, &text);
	done(reply, &text);
}

void cmd_set_gas(struct command_target *t, const struct command *c, struct reply reply)
{
	const union command_value *min = command_value(c, "min"), *max = command_value(c, "max");
	struct str text = STR_INIT;
	struct err *e = NULL;

	if (!node_chain(t->node))
		e = err_new(ERR_INVALID, "this node is on no chain");
	else if (!min && !max)
		e = err_new(ERR_INVALID, "give min=, max= or both, as max=\"20 gwei\"");
	else
		e = node_set_gas_prices(t->node, min ? &min->wei : NULL, max ? &max->wei : NULL);
	if (e) {
		reply_send(reply, e, NULL);
		return;
	}
	str_add(&text, "gas:");
	if (min) {
		str_add(&text, " at least ");
		wei_fmt_gwei(&text, min->wei);
		keep_wei(t, OPT_MIN_GAS_PRICE, min->wei, &text);
	}
	if (max) {
		str_add(&text, wei_is_zero(max->wei) ? " no highest price" : " at most ");
		if (!wei_is_zero(max->wei))
			wei_fmt_gwei(&text, max->wei);
		keep_wei(t, OPT_MAX_GAS_PRICE, max->wei, &text);
	}
	done(reply, &text);
}

void cmd_set_ladder(struct command_target *t, const struct command *c, struct reply reply)
{
	struct str text = STR_INIT;
	struct ladder l;
	struct err *e = ladder_option_parse(&l, command_text(c, "ladder"));

	if (!e)
		e = ladder_validate(&l);
	if (!e)
		e = node_set_ladder(t->node, &l);
	if (e) {
		reply_send(reply, e, NULL);
		return;
	}
	str_printf(&text, "%zu renditions for streams that begin from now on", l.n);
	settings_keep(t->settings, OPT_TRANSCODING_OPTIONS, command_text(c, "ladder"), &text);
	done(reply, &text);
}

/* --- the calculator --- */

static void add_rendition(struct str *out, const struct rendition *r, struct price p)
{
	struct wei hour;

	str_printf(out, "%-24s %5dx%-5d %7.1f Mpx/s  ", r->name, r->width, r->height,
		(double)rendition_pixels_per_s(r).v / 1e6); /* raw: for display */
	if (price_per_hour(&hour, p, rendition_pixels_per_s(r)))
		wei_fmt_eth(out, hour);
	str_add(out, " an hour\n");
}

static void add_odds(struct str *out, struct wei hour, const struct wei *face,
	const struct wei *cost)
{
	if (!face || wei_is_zero(*face))
		return;
	str_add(out, "a winning ticket of ");
	wei_fmt(out, *face);
	str_add(out, " each ");
	hours_fmt(out, hours_per_win(hour, *face));
	str_add(out, " of it\n");
	if (cost && !wei_is_zero(*cost))
		str_printf(out, "redeeming costs %.3g %% of what is won\n",
			redeem_share_pct(*cost, *face));
}

void cmd_calc(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *csv = command_text(c, "ladder");
	const union command_value *given = command_value(c, "price");
	struct node_terms terms = node_terms(t->node);
	struct price p = given ? given->price : terms.price;
	struct str text = STR_INIT;
	struct ladder l = terms.ladder;
	struct wei hour;
	struct err *e = csv ? ladder_option_parse(&l, csv) : NULL;

	if (!e && !l.n)
		e = err_new(ERR_INVALID, "no ladder: name presets, as "
			"P720p30fps16x9,P240p30fps16x9");
	if (e) {
		reply_send(reply, e, NULL);
		return;
	}
	for (size_t i = 0; i < l.n; i++)
		add_rendition(&text, &l.r[i], p);
	str_add(&text, "at ");
	price_fmt(&text, p);
	str_printf(&text, ", %.1f Mpx/s in all: ",
		(double)ladder_pixels_per_s(&l).v / 1e6); /* raw: for display */
	if (!price_per_hour(&hour, p, ladder_pixels_per_s(&l)))
		hour = WEI_ZERO;
	wei_fmt_eth(&text, hour);
	str_add(&text, " an hour\n");
	add_odds(&text, hour, terms.has_tickets ? &terms.face_value : NULL,
		terms.has_tickets ? &terms.tx_cost : NULL);
	done(reply, &text);
}
