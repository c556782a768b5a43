#include "src/node/drain.h"

#include <string.h>

static const char *const names[] = {"stay", "stop", "restart"};

const char *drain_then_name(enum drain_then t)
{
	return names[t];
}

enum drain_then drain_then_of(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum drain_then)i;
	return DRAIN_STAY;
}

enum drain_step drain_decide(const struct drain_state *s)
{
	if (!s->draining || s->live > 0 || s->then == DRAIN_STAY)
		return DRAIN_WAIT;
	return s->then == DRAIN_RESTART ? DRAIN_AGAIN : DRAIN_END;
}

void drain_describe(struct str *out, const struct drain_state *s)
{
	if (!s->draining)
		str_add(out, "running");
	else if (s->then == DRAIN_STAY)
		str_printf(out, "draining: %lld left", (long long)s->live);
	else
		str_printf(out, "draining, then %s: %lld left", drain_then_name(s->then),
			(long long)s->live);
}
