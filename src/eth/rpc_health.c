#include <assert.h>
#include <stdio.h>

#include "src/base/clock.h"
#include "src/eth/rpc_private.h"

#define PROBE_MS 15000 /* an endpoint is looked at this often */

const char *rpc_state_name(enum rpc_state s)
{
	switch (s) {
	case RPC_UNTRIED:
		return "not tried yet";
	case RPC_OK:
		return "ok";
	case RPC_BEHIND:
		return "behind";
	case RPC_FAILING:
		return "failing";
	case RPC_LIMITED:
		return "rate-limited";
	case RPC_WRONG_CHAIN:
		return "wrong chain";
	case RPC_ASIDE:
		return "put aside";
	}
	return "unknown";
}

void rpc_probe(struct rpc *r)
{
	int64_t now = clock_mono_ms();
	int oldest = -1;

	for (size_t i = 0; i < r->n; i++) {
		const struct endpoint *ep = &r->ep[i];

		if (ep->rest_until_ms > now ||
			(ep->head_seen_ms >= 0 &&
				now - ep->head_seen_ms < PROBE_MS))
			continue;
		if (oldest < 0 || ep->asked_ms < r->ep[oldest].asked_ms)
			oldest = (int)i;
	}
	if (oldest >= 0)
		err_free(rpc_probe_one(r, (size_t)oldest));
}

static int64_t since(int64_t then, int64_t now)
{
	return then < 0 ? -1 : now - then;
}

size_t rpc_health(const struct rpc *r, struct rpc_health *out, size_t max)
{
	int64_t now = clock_mono_ms();
	int current = endpoint_pick(r->ep, r->n, now, 0);
	size_t n = r->n < max ? r->n : max;

	for (size_t i = 0; i < n; i++) {
		const struct endpoint *ep = &r->ep[i];

		out[i] = (struct rpc_health){ .state = ep->state,
			.current = (int)i == current, .head = ep->head,
			.head_age_ms = since(ep->advanced_ms, now),
			.latency_ms = ep->latency_us < 0 ? -1 :
				ep->latency_us / 1000,
			.requests = ep->requests, .errors = ep->errors };
		if (ep->rest_until_ms > now)
			out[i].resting_ms = ep->rest_until_ms - now;
		snprintf(out[i].url, sizeof(out[i].url), "%s", ep->shown);
		snprintf(out[i].last_error, sizeof(out[i].last_error), "%s",
			ep->last_error);
	}
	return n;
}
