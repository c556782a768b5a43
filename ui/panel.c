#include "ui/panel.h"

#include <stdarg.h>

const struct panel_ops *panel_ops(size_t i)
{
	static const struct panel_ops *const rooms[PANELS] = {&panel_overview,
		&panel_sessions, &panel_transcoders, &panel_log,
		&panel_staking, &panel_pricing, &panel_funds, &panel_tickets,
		&panel_txs, &panel_doctor};

	return rooms[i];
}

struct intent intent(enum intent_kind kind)
{
	return (struct intent){kind, NULL};
}

struct intent intentf(enum intent_kind kind, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	return (struct intent){kind, str_take(&s)};
}
