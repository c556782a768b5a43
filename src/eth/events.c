#include "src/eth/events.h"

#include "proto/abi.h"

bool news_has_sender(const struct news *n, struct eth_addr a)
{
	for (size_t i = 0; i < n->senders_n; i++) {
		if (addr_eq(n->senders[i], a))
			return true;
	}
	return n->all_senders;
}

static void add_sender(struct news *n, struct eth_addr a)
{
	if (news_has_sender(n, a))
		return;
	if (n->senders_n == NEWS_SENDERS)
		n->all_senders = true;
	else
		n->senders[n->senders_n++] = a;
}

void news_everything(struct news *n)
{
	n->round = n->own = n->all_senders = true;
}

void news_add(struct news *n, const struct contracts *c, struct eth_addr own,
	const struct eth_log *log)
{
	enum contract_event which = contracts_event(c, log);
	struct abi_in in;
	struct eth_addr who;

	if (which == EVENT_N)
		return;
	abi_in_log(&in, log);
	switch (event_contract(which)) {
	case CONTRACT_ROUNDS:
		n->round = true;
		n->opened |= which == EVENT_NEW_ROUND;
		return;
	case CONTRACT_BROKER:
		/* Of all of them the first argument is whose money it is. */
		add_sender(n, abi_get_addr(&in));
		return;
	case CONTRACT_BONDING:
		if (which == EVENT_TRANSCODER_ACTIVATED ||
			which == EVENT_TRANSCODER_DEACTIVATED)
			n->round = true; /* the size of the pool */
		/* One of the indexed arguments is the orchestrator. */
		for (size_t i = 1; i < log->topics_n; i++) {
			who = abi_get_addr(&in);
			n->own |= addr_eq(who, own);
		}
		return;
	case CONTRACT_CONTROLLER:
	case CONTRACT_TOKEN:
	case CONTRACT_REGISTRY:
	case CONTRACT_MINTER:
	case CONTRACT_FAUCET:
	case CONTRACT_GOVERNOR:
	case CONTRACT_POLL_CREATOR:
	case CONTRACT_POLL:
	case CONTRACT_JOBS_MANAGER:
	case CONTRACT_REFUNDER:
	case CONTRACT_N:
		return;
	}
}
