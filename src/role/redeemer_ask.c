/* What the redeemer asks the chain; runs on the chain actor. */
#include <stdlib.h>
#include <string.h>

#include "proto/abi.h"
#include "src/eth/lookup.h"
#include "src/role/redeemer_private.h"

/* How far back the event of a used ticket is looked for: more than the two
 * rounds in which it can be redeemed. Blocks of Arbitrum come fifty times as
 * often as those of L1. */
#define TRACE_L1_BLOCKS 20000
#define TRACE_L2_BLOCKS 1500000

/* Several tickets have the same sender: it is asked about once. */
static const struct answer_row *asked_before(const struct answers *a, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (a->row[k].has_funds && addr_eq(a->row[k].sender, a->row[i].sender))
			return &a->row[k];
	return NULL;
}

static struct err *ask_funds(const struct lookup *l, const struct chain_facts *facts,
	struct answers *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct answer_row *before = asked_before(a, i);
		struct err *e = NULL;

		if (before)
			a->row[i].funds = before->funds;
		else
			e = lookup_sender(l, a->row[i].sender, a->recipient,
				facts->round.current, &a->row[i].funds);
		if (e)
			return e;
		a->row[i].has_funds = true;
	}
	return NULL;
}

struct err *redeemer_ask(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result)
{
	struct answers *a = ctx;
	struct lookup l = { rpc, contracts, AT_LATEST };
	struct hash32 *hashes = xcalloc(a->n, sizeof(*hashes));
	bool *used = xcalloc(a->n, sizeof(*used));
	struct err *e;

	a->contracts = *contracts;
	for (size_t i = 0; i < a->n; i++)
		hashes[i] = a->row[i].hash;
	e = lookup_used_tickets(&l, hashes, a->n, used);
	for (size_t i = 0; i < a->n; i++)
		a->row[i].used = used[i];
	free(hashes);
	free(used);
	if (!e)
		e = ask_funds(&l, facts, a);
	*result = a;
	return e;
}

/* --- how a ticket was used --- */

static bool is_of_ticket(const struct eth_log *log, const struct trace *t)
{
	struct abi_in in;
	struct eth_addr sender, recipient;
	struct u256 nonce, rand;
	struct err *e;
	bool same;

	abi_in_log(&in, log);
	sender = abi_get_addr(&in);
	recipient = abi_get_addr(&in);
	abi_get_uint(&in); /* face value */
	abi_get_uint(&in); /* win probability */
	nonce = abi_get_uint(&in);
	rand = abi_get_uint(&in);
	e = abi_err(&in, "WinningTicketRedeemed");
	same = !e && addr_eq(sender, t->ticket.sender) &&
	       addr_eq(recipient, t->ticket.recipient) &&
	       u256_eq(nonce, u256_from(t->ticket.nonce)) && u256_eq(rand, t->rand);
	err_free(e);
	return same;
}

/* The amount of WinningTicketTransfer and of ReserveClaimed: their last word. */
static struct wei amount_of(const struct eth_log *log)
{
	struct wei amount;
	struct abi_in in;
	struct err *e;

	abi_in_log(&in, log);
	abi_get_addr(&in);
	abi_get_addr(&in);
	amount.v = abi_get_uint(&in); /* raw: a word of the event */
	e = abi_err(&in, "an amount");
	err_free(e);
	return e ? WEI_ZERO : amount;
}

/* The claim and the transfer are logged before the redemption they belong to;
 * in a batch each has its own. */
static void read_receipt(struct trace *t, const struct contracts *contracts,
	const struct tx_receipt *r)
{
	struct wei amount = WEI_ZERO, claimed = WEI_ZERO;

	for (size_t i = 0; i < r->logs_n && !t->found; i++) {
		enum contract_event ev = contracts_event(contracts, &r->logs[i]);

		if (ev == EVENT_RESERVE_CLAIMED) {
			claimed = amount_of(&r->logs[i]);
		} else if (ev == EVENT_WINNING_TICKET_TRANSFER) {
			amount = amount_of(&r->logs[i]);
		} else if (ev == EVENT_WINNING_TICKET_REDEEMED) {
			if (is_of_ticket(&r->logs[i], t)) {
				t->found = true;
				t->found_tx = r->tx;
				t->block = r->block;
				t->paid = amount;
				t->from_reserve = claimed;
			}
			amount = claimed = WEI_ZERO;
		}
	}
}

static struct err *trace_tx(struct trace *t, struct rpc *rpc,
	const struct contracts *contracts, struct hash32 tx)
{
	struct tx_receipt receipt = { .block = { 0 } };
	bool found;
	struct err *e = rpc_receipt(rpc, tx, &receipt, &found);

	if (!e && found && receipt.ok)
		read_receipt(t, contracts, &receipt);
	if (!e)
		tx_receipt_clear(&receipt);
	return e;
}

static struct hash32 topic_of(struct eth_addr a)
{
	struct hash32 h = { { 0 } };

	memcpy(h.b + 12, a.b, sizeof(a.b));
	return h;
}

static struct err *search(struct trace *t, struct rpc *rpc,
	const struct contracts *contracts, const struct chain_facts *facts)
{
	struct hash32 event = event_topic(EVENT_WINNING_TICKET_REDEEMED);
	struct hash32 sender = topic_of(t->ticket.sender);
	struct hash32 recipient = topic_of(t->ticket.recipient);
	int64_t back = facts->head.v == facts->l1.v ? TRACE_L1_BLOCKS : TRACE_L2_BLOCKS;
	struct log_filter f = {
		.addresses = &contracts->addr[CONTRACT_BROKER],
		.addresses_n = 1,
		.topics = { { &event, 1 }, { &sender, 1 }, { &recipient, 1 } },
		.from = { facts->head.v > back ? facts->head.v - back : 0 },
		.to = facts->head,
	};
	struct eth_log *logs = NULL;
	size_t n = 0;
	struct err *e = rpc_logs(rpc, &f, &logs, &n);

	for (size_t i = 0; i < n && !e; i++)
		if (is_of_ticket(&logs[i], t)) {
			e = trace_tx(t, rpc, contracts, logs[i].tx);
			break;
		}
	eth_logs_free(logs, n);
	return e;
}

struct err *redeemer_trace(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result)
{
	struct trace *t = ctx;

	*result = t;
	return hash_is_zero(t->tx) ? search(t, rpc, contracts, facts)
				   : trace_tx(t, rpc, contracts, t->tx);
}
