#include "src/node/settings_apply.h"

#include <stdlib.h>

#include "proto/ladder_json.h"
#include "src/base/log.h"
#include "src/node/node_private.h"
#include "src/node/onchain.h"

typedef struct err *apply_fn(struct node *n, const struct config *next, enum applied *out);

static struct err *apply_log_level(struct node *n, const struct config *next,
	enum applied *out)
{
	(void)n;
	(void)out;
	log_set_level(config_log_level(next));
	return NULL;
}

static void on_max_sessions(void *ctx, struct err *taken, void *result)
{
	(void)result;
	*(struct err **)ctx = taken;
}

/* What follows its transcoders, and what is registered elsewhere, is told once. */
static struct err *apply_max_sessions(struct node *n, const struct config *next,
	enum applied *out)
{
	int64_t count = config_int(next, OPT_MAX_SESSIONS);
	struct err *e = NULL;

	if (count == 0 || (!n->orchestrator && !n->broadcaster)) {
		*out = APPLIED_LATER;
		return NULL;
	}
	node_set_max_sessions(n, count, (struct reply){NULL, on_max_sessions, &e});
	return e;
}

static struct err *apply_ladder(struct node *n, const struct config *next,
	enum applied *out)
{
	struct ladder l;
	char *text = NULL;
	struct err *e = node_file_or_text(config_text(next, OPT_TRANSCODING_OPTIONS), &text);

	if (!e)
		e = ladder_option_parse(&l, text);
	if (!e)
		e = ladder_validate(&l);
	free(text);
	if (!e && n->broadcaster)
		return node_set_ladder(n, &l);
	if (!e) { /* for one that is started later */
		node_keep_ladder(n, &l);
		*out = APPLIED_IDLE;
	}
	return e;
}

static struct err *apply_gas(struct node *n, const struct config *next, enum applied *out)
{
	struct wei min = onchain_min_gas_price(next), max = config_wei(next, OPT_MAX_GAS_PRICE);

	if (n->chain)
		return node_set_gas_prices(n, &min, &max);
	*out = APPLIED_IDLE;
	return NULL;
}

/* -pixelsPerUnit is both roles'. */
static struct err *apply_prices(struct node *n, const struct config *next,
	enum applied *out)
{
	struct price asked, paid;
	struct err *e = config_price(next, OPT_PRICE_PER_UNIT, &asked);

	if (!e)
		e = config_price(next, OPT_MAX_PRICE_PER_UNIT, &paid);
	if (e)
		return e;
	if (node_is_paid(n))
		node_set_price(n, NULL, &asked);
	if (node_pays(n))
		node_set_max_price(n, paid);
	if (!node_is_paid(n) && !node_pays(n))
		*out = APPLIED_IDLE;
	return NULL;
}

static struct err *apply_tickets(struct node *n, const struct config *next,
	enum applied *out)
{
	struct wei ev = config_wei(next, OPT_TICKET_EV);

	if (wei_is_zero(ev))
		return err_new(ERR_INVALID, "-ticketEV: a ticket must be worth something");
	if (!node_is_paid(n)) {
		*out = APPLIED_IDLE;
		return NULL;
	}
	node_set_ticket_ev(n, ev);
	node_set_max_face_value(n, config_wei(next, OPT_MAX_FACE_VALUE));
	node_set_auto_adjust(n, config_bool(next, OPT_AUTO_ADJUST_PRICE));
	return NULL;
}

static struct err *apply_ignore_max(struct node *n, const struct config *next,
	enum applied *out)
{
	if (node_pays(n))
		broadcaster_set_ignore_max_price(n->broadcaster,
			config_bool(next, OPT_IGNORE_MAX_PRICE));
	else
		*out = APPLIED_IDLE;
	return NULL;
}

/* The watchman reads them where they are published. */
static struct err *apply_alarms(struct node *n, const struct config *next, enum applied *out)
{
	(void)n;
	(void)next;
	(void)out;
	return NULL;
}

static const struct {
	enum option_id id;
	apply_fn *apply;
} appliers[] = {
	{OPT_VERBOSITY, apply_log_level},
	{OPT_MAX_SESSIONS, apply_max_sessions},
	{OPT_TRANSCODING_OPTIONS, apply_ladder},
	{OPT_MIN_GAS_PRICE, apply_gas},
	{OPT_MAX_GAS_PRICE, apply_gas},
	{OPT_PRICE_PER_UNIT, apply_prices},
	{OPT_PIXELS_PER_UNIT, apply_prices},
	{OPT_MAX_PRICE_PER_UNIT, apply_prices},
	{OPT_AUTO_ADJUST_PRICE, apply_tickets},
	{OPT_TICKET_EV, apply_tickets},
	{OPT_MAX_FACE_VALUE, apply_tickets},
	{OPT_IGNORE_MAX_PRICE, apply_ignore_max},
	{OPT_ALARM_SESSIONS, apply_alarms},
	{OPT_ALARM_SLOW, apply_alarms},
	{OPT_ALARM_TRANSCODER_GONE, apply_alarms},
	{OPT_ALARM_GPU_TEMPERATURE, apply_alarms},
	{OPT_ALARM_GPU_MEMORY, apply_alarms},
	{OPT_ALARM_HEAD, apply_alarms},
	{OPT_ALARM_RPC_ERRORS, apply_alarms},
	{OPT_ALARM_CLOCK, apply_alarms},
	{OPT_ALARM_TX_PENDING, apply_alarms},
	{OPT_ALARM_REWARD, apply_alarms},
	{OPT_ALARM_ETH_REWARDS, apply_alarms},
	{OPT_ALARM_ETH_REDEMPTIONS, apply_alarms},
	{OPT_ALARM_PRICE, apply_alarms},
	{OPT_ALARM_TICKET_ROUNDS, apply_alarms},
	{OPT_ALARM_RUNWAY, apply_alarms},
};

static apply_fn *applier(enum option_id id)
{
	for (size_t i = 0; i < ARRAY_SIZE(appliers); i++)
		if (appliers[i].id == id)
			return appliers[i].apply;
	return NULL;
}

bool settings_applies(enum option_id id)
{
	return applier(id) != NULL;
}

struct err *settings_apply(struct node *n, const struct config *next, enum option_id id,
	enum applied *out)
{
	apply_fn *apply = applier(id);

	*out = apply ? APPLIED_NOW : APPLIED_LATER;
	return apply ? apply(n, next, out) : NULL;
}
