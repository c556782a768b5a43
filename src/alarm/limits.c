#include "src/alarm/limits.h"

#include <string.h>

#include "src/model/options.h"

static const char *text_of(const struct view_settings *s, const struct option *o)
{
	for (size_t i = 0; i < s->rows.n; i++)
		if (strcmp(view_text(s->rows.v[i].name), o->name) == 0)
			return view_text(s->rows.v[i].value);
	return o->def;
}

static int64_t number(const struct view_settings *s, enum option_id id)
{
	const struct option *o = option_get(id);
	struct option_value v = {.i = 0};
	struct err *e = option_parse(o, text_of(s, o), &v);

	if (e) {
		err_free(e);
		err_free(option_parse(o, o->def, &v));
	}
	return v.i;
}

struct alarm_limits alarm_limits_read(const struct view_settings *s)
{
	struct alarm_limits l = {
		.sessions = number(s, OPT_ALARM_SESSIONS),
		.slow = number(s, OPT_ALARM_SLOW),
		.gone_ms = number(s, OPT_ALARM_TRANSCODER_GONE),
		.temperature = number(s, OPT_ALARM_GPU_TEMPERATURE),
		.memory = number(s, OPT_ALARM_GPU_MEMORY),
		.head_ms = number(s, OPT_ALARM_HEAD),
		.rpc_errors = number(s, OPT_ALARM_RPC_ERRORS),
		.clock_ms = number(s, OPT_ALARM_CLOCK),
		.tx_ms = number(s, OPT_ALARM_TX_PENDING),
		.reward = number(s, OPT_ALARM_REWARD),
		.rewards = number(s, OPT_ALARM_ETH_REWARDS),
		.redemptions = number(s, OPT_ALARM_ETH_REDEMPTIONS),
		.ticket_rounds = number(s, OPT_ALARM_TICKET_ROUNDS),
		.runway_ms = number(s, OPT_ALARM_RUNWAY),
	};
	struct err *e = price_parse(&l.price,
		text_of(s, option_get(OPT_ALARM_PRICE)), "1");

	if (e)
		l.price = PRICE_FREE;
	err_free(e);
	return l;
}
