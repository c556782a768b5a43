/* A tour of the protocol's contracts with src/eth alone, on the development
 * chain: everything there is to read is read, and each transaction is sent
 * that an orchestrator, a delegator and a broadcaster send in their lives.
 *
 *     chain_tour URL CONTROLLER KEY KEY
 *
 * The accounts of both keys have ETH. Prints a line for each stop; exits with
 * 1 at the first that is not as it should be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/abi.h"
#include "src/crypto/signer.h"
#include "src/eth/calldata.h"
#include "src/eth/lookup.h"
#include "src/eth/revert.h"
#include "src/eth/rpc_private.h"
#include "src/eth/tx.h"
#include "src/pay/ticket_hash.h"

#define RECEIPT_TRIES 400
#define RECEIPT_US 25000
#define TOKEN 1000000000000000000u

static struct rpc *rpc;
static struct contracts contracts;
static struct signer *orch, *bcast;

static void fail(int line, const char *what)
{
	printf("line %d: not so: %s\n", line, what);
	exit(1);
}

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition))                                              \
			fail(__LINE__, #condition);                            \
	} while (0)

static void stop(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
}

static void ok(struct err *e)
{
	if (!e)
		return;
	printf("%s: %s\n", err_kind_name(err_kind(e)), err_text(e));
	exit(1);
}

static struct lookup here(void)
{
	return (struct lookup){ rpc, &contracts, AT_LATEST };
}

static struct eth_addr me(void)
{
	return signer_address(orch);
}

static struct lpt lpt(uint64_t whole)
{
	struct lpt v;

	CHECK(u256_mul(&v.v, u256_from(whole), u256_from(TOKEN)));
	return v;
}

static struct wei milli_eth(uint64_t n)
{
	return wei_from(n * (TOKEN / 1000));
}

/* --- the chain's clock --- */

static struct err *take_nothing(void *ctx, size_t i, const struct json_t *v)
{
	(void)ctx;
	(void)i;
	(void)v;
	return NULL;
}

static void mine(int64_t blocks)
{
	struct str params = STR_INIT;
	struct block_header h;
	bool found;

	str_printf(&params, "[\"0x%" PRIx64 "\"]", blocks);
	ok(rpc_ask_one(rpc, "anvil_mine", str_take(&params), take_nothing,
		NULL));
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
}

static struct round_facts round_now(void)
{
	struct lookup l = here();
	struct round_facts r;

	ok(lookup_round(&l, &r));
	return r;
}

/* --- transactions --- */

static struct tx tx_of(const struct contract_call *call, struct eth_addr from,
	struct gas gas)
{
	struct tx t = { .is_1559 = true, .chain_id = contracts.chain_id,
		.to = call->to, .value = call->value, .gas = gas,
		.data = (const uint8_t *)call->data.s,
		.data_n = call->data.len };
	struct block_header h;
	bool found;

	ok(rpc_nonce(rpc, from, AT_PENDING, &t.nonce));
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	ok(rpc_tip(rpc, &t.tip, &found));
	CHECK(wei_mul(&t.gas_price, h.base_fee, 2));
	CHECK(wei_add(&t.gas_price, t.gas_price, t.tip));
	return t;
}

static struct tx_receipt wait_mined(struct hash32 hash)
{
	struct tx_receipt r;
	bool found = false;

	for (int i = 0; i < RECEIPT_TRIES; i++) {
		ok(rpc_receipt(rpc, hash, &r, &found));
		if (found)
			return r;
		usleep(RECEIPT_US);
	}
	fail(__LINE__, "mined in time");
	abort();
}

/* Takes the call. */
static struct tx_receipt act(const struct signer *who,
	struct contract_call *call)
{
	struct eth_addr from = signer_address(who);
	struct eth_call question = contract_call_as(call, from);
	struct eth_result result;
	struct tx_signed s;
	struct send_result sent;
	struct tx_receipt r;
	struct gas gas;
	struct tx t;

	ok(rpc_estimate_gas(rpc, &question, &gas, &result));
	if (result.failed) {
		printf("%s: %s\n", fn_signature(call->fn), result.why);
		exit(1);
	}
	gas.v += gas.v / 4;
	t = tx_of(call, from, gas);
	ok(tx_sign(&s, &t, who));
	ok(rpc_send_raw(rpc, (const uint8_t *)s.raw.s, s.raw.len, &sent));
	if (sent.outcome != SEND_ACCEPTED)
		fail(__LINE__, sent.text);
	r = wait_mined(s.hash);
	CHECK(r.ok);
	printf("  %s gas %" PRIu64 "\n", fn_signature(call->fn), r.gas_used.v);
	tx_signed_clear(&s);
	eth_results_clear(&result, 1);
	contract_call_clear(call);
	return r;
}

static void do_it(const struct signer *who, struct contract_call *call)
{
	struct tx_receipt r = act(who, call);

	tx_receipt_clear(&r);
}

/* Simulated, it reverts for this reason. Takes the call. */
static void refused(const struct signer *who, struct contract_call *call,
	enum revert_reason reason)
{
	struct eth_call question = contract_call_as(call, signer_address(who));
	struct eth_result result;

	ok(rpc_call(rpc, &question, AT_LATEST, &result));
	CHECK(result.failed);
	if (revert_find(result.why) != reason)
		fail(__LINE__, result.why);
	eth_results_clear(&result, 1);
	contract_call_clear(call);
}

static const struct eth_log *find_event(const struct tx_receipt *r,
	enum contract_event e)
{
	for (size_t i = 0; i < r->logs_n; i++) {
		if (contracts_event(&contracts, &r->logs[i]) == e)
			return &r->logs[i];
	}
	return NULL;
}

static void next_round(void)
{
	struct round_facts r = round_now();
	struct contract_call call;
	struct block_header h;
	bool found;

	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	mine(r.start.v + r.length - h.l1.v);
	calldata_initialize_round(&call, &contracts);
	do_it(orch, &call);
	r = round_now();
	CHECK(r.current.v == r.initialized.v);
	CHECK(!hash_is_zero(r.hash));
}

/* --- the tour --- */

static void visit_protocol(void)
{
	struct lookup l = here();
	struct protocol_facts p;
	struct minter_facts m;
	bool paused;

	ok(lookup_paused(&l, &paused));
	CHECK(!paused);
	ok(lookup_protocol(&l, &p));
	CHECK(p.unbonding_period > 0 && p.unlock_period > 0);
	ok(lookup_minter(&l, &m));
	CHECK(m.inflation > 0 && m.inflation < m.divisor);
	CHECK(!lpt_is_zero(m.supply));
	stop("protocol");
}

static void visit_faucet(void)
{
	struct lookup l = here();
	struct lpt balance, allowance;
	struct contract_call call;
	struct faucet_facts f;

	ok(lookup_token(&l, me(), &balance, &allowance));
	if (contracts_has(&contracts, CONTRACT_FAUCET)) {
		ok(lookup_faucet(&l, me(), &f));
		ok(calldata_faucet(&call, &contracts));
		do_it(orch, &call);
		CHECK(lpt_add(&balance, balance, f.amount));
	}
	calldata_approve(&call, &contracts, contracts.addr[CONTRACT_BONDING],
		lpt(10));
	do_it(orch, &call);
	{
		struct lpt now;

		ok(lookup_token(&l, me(), &now, &allowance));
		CHECK(lpt_cmp(now, balance) == 0);
		CHECK(lpt_cmp(allowance, lpt(10)) == 0);
	}
	stop("token");
}

static void visit_activation(void)
{
	struct lookup l = here();
	struct transcoder_facts t;
	struct delegator_facts d;
	struct contract_call call;
	char uri[SERVICE_URI_MAX];

	calldata_transcoder(&call, &contracts, (struct ppm){ 100000 },
		(struct ppm){ 50000 }, NULL);
	refused(orch, &call, REVERT_NOT_REGISTERED);
	calldata_bond(&call, &contracts, lpt(8), me(), NULL, NULL);
	do_it(orch, &call);
	ok(lookup_delegator(&l, me(), round_now().current, &d));
	CHECK(lpt_cmp(d.bonded, lpt(8)) == 0);
	CHECK(addr_eq(d.delegate, me()));
	CHECK(d.status == DELEGATOR_PENDING);
	calldata_transcoder(&call, &contracts, (struct ppm){ 100000 },
		(struct ppm){ 50000 }, NULL);
	do_it(orch, &call);
	calldata_set_service_uri(&call, &contracts, "https://127.0.0.1:8935");
	do_it(orch, &call);
	ok(lookup_service_uri(&l, me(), uri));
	CHECK(!strcmp(uri, "https://127.0.0.1:8935"));
	ok(lookup_transcoder(&l, me(), &t));
	CHECK(t.registered && !t.active);
	CHECK(t.activation.v == round_now().current.v + 1);
	CHECK(t.deactivation.v == ROUND_NEVER.v);
	CHECK(t.reward_cut.v == 100000 && t.fee_share.v == 50000);
	stop("activation");
}

static void visit_pool(void)
{
	struct pool_member *members = NULL;
	struct lookup l = here();
	bool found = false;
	size_t n = 0;

	for (int again = 0; again < 2; again++) {
		ok(lookup_pool(&l, &members, &n));
		CHECK(n == round_now().pool_size);
		for (size_t i = 0; i < n; i++) {
			found |= addr_eq(members[i].addr, me());
			CHECK(!i || lpt_cmp(members[i - 1].stake,
				members[i].stake) >= 0);
		}
		CHECK(found);
	}
	free(members);
	stop("pool");
}

static void visit_reward(void)
{
	static const struct pool_hints hints;
	struct lookup l = here();
	struct transcoder_facts t;
	struct delegator_facts d;
	struct earnings_pool p;
	struct contract_call call;
	struct round_no now;

	next_round();
	now = round_now().current;
	ok(lookup_transcoder(&l, me(), &t));
	CHECK(t.active);
	calldata_reward(&call, &contracts, &hints);
	do_it(orch, &call);
	calldata_reward(&call, &contracts, NULL);
	refused(orch, &call, REVERT_REWARD_TWICE);
	ok(lookup_transcoder(&l, me(), &t));
	CHECK(t.last_reward.v == now.v);
	ok(lookup_delegator(&l, me(), now, &d));
	CHECK(lpt_cmp(d.pending_stake, lpt(8)) > 0);
	ok(lookup_earnings_pool(&l, me(), now, &p));
	CHECK(!lpt_is_zero(p.total_stake));
	CHECK(p.reward_cut.v == 100000);
	stop("reward");
}

static struct winning_ticket make_ticket(struct wei face)
{
	struct round_facts r = round_now();
	struct winning_ticket w = { .rand = u256_from(5), .ticket = {
		.recipient = me(), .sender = signer_address(bcast),
		.face_value = face, .win_prob = PROB_MAX, .nonce = 1,
		.created = { r.initialized, r.hash } } };
	struct hash32 hash;

	w.ticket.rand_hash = rand_hash(w.rand);
	hash = ticket_hash(&w.ticket);
	CHECK(signer_sign_hash(bcast, &w.sig, &hash));
	return w;
}

/* Who paid how much to whom, as the log says. */
static void check_transfer(const struct eth_log *log, struct wei face)
{
	struct abi_in in;

	CHECK(log);
	abi_in_log(&in, log);
	CHECK(addr_eq(abi_get_addr(&in), signer_address(bcast)));
	CHECK(addr_eq(abi_get_addr(&in), me()));
	CHECK(wei_cmp((struct wei){ abi_get_uint(&in) }, face) == 0);
	ok(abi_err(&in, "WinningTicketTransfer"));
}

static void find_in_logs(const struct tx_receipt *r)
{
	struct hash32 topic = event_topic(EVENT_WINNING_TICKET_TRANSFER);
	struct log_filter f = {
		.addresses = &contracts.addr[CONTRACT_BROKER],
		.addresses_n = 1, .topics = { { &topic, 1 } },
		.to = r->block, .has_to_hash = true, .to_hash = r->block_hash };
	struct eth_log *logs;
	size_t n;

	ok(rpc_logs(rpc, &f, &logs, &n));
	CHECK(n == 1 && hash_eq(logs[0].tx, r->tx));
	eth_logs_free(logs, n);
}

static void visit_tickets(void)
{
	struct wei face = milli_eth(10), claimable;
	struct lookup l = here();
	struct sender_funds f;
	struct contract_call call;
	struct winning_ticket w;
	struct tx_receipt r;
	struct hash32 hash;
	bool used;

	ok(calldata_fund(&call, &contracts, milli_eth(100), milli_eth(200)));
	do_it(bcast, &call);
	ok(lookup_sender(&l, signer_address(bcast), me(),
		round_now().initialized, &f));
	CHECK(wei_cmp(f.deposit, milli_eth(100)) == 0);
	CHECK(wei_cmp(f.reserve, milli_eth(200)) == 0);
	CHECK(f.withdraw_round.v == 0);
	ok(lookup_claimable(&l, signer_address(bcast), me(), &claimable));
	CHECK(!wei_is_zero(claimable));
	w = make_ticket(face);
	hash = ticket_hash(&w.ticket);
	ok(lookup_used_tickets(&l, &hash, 1, &used));
	CHECK(!used);
	calldata_redeem(&call, &contracts, &w);
	r = act(orch, &call);
	check_transfer(find_event(&r, EVENT_WINNING_TICKET_TRANSFER), face);
	CHECK(find_event(&r, EVENT_WINNING_TICKET_REDEEMED));
	find_in_logs(&r);
	tx_receipt_clear(&r);
	ok(lookup_used_tickets(&l, &hash, 1, &used));
	CHECK(used);
	calldata_redeem(&call, &contracts, &w);
	refused(orch, &call, REVERT_TICKET_USED);
	w.rand = u256_from(6);
	calldata_redeem(&call, &contracts, &w);
	refused(orch, &call, REVERT_TICKET_RAND);
	ok(lookup_sender(&l, signer_address(bcast), me(),
		round_now().initialized, &f));
	CHECK(wei_cmp(f.deposit, milli_eth(90)) == 0);
	stop("tickets");
}

static void visit_fees(void)
{
	struct lookup l = here();
	struct delegator_facts d;
	struct contract_call call;

	ok(lookup_delegator(&l, me(), round_now().current, &d));
	CHECK(!wei_is_zero(d.pending_fees));
	calldata_claim_earnings(&call, &contracts, round_now().current);
	do_it(orch, &call);
	calldata_withdraw_fees(&call, &contracts, me(), d.pending_fees);
	do_it(orch, &call);
	ok(lookup_delegator(&l, me(), round_now().current, &d));
	CHECK(wei_is_zero(d.fees));
	stop("fees");
}

static void visit_unbonding(void)
{
	struct lookup l = here();
	struct protocol_facts p;
	struct delegator_facts d;
	struct contract_call call;
	struct unbonding_lock *locks;
	size_t n;

	ok(lookup_protocol(&l, &p));
	for (int i = 0; i < 2; i++) {
		calldata_unbond(&call, &contracts, lpt(1), NULL);
		do_it(orch, &call);
	}
	ok(lookup_delegator(&l, me(), round_now().current, &d));
	CHECK(d.next_lock == 2);
	calldata_rebond(&call, &contracts, 0, NULL);
	do_it(orch, &call);
	ok(lookup_locks(&l, me(), 0, d.next_lock, &locks, &n));
	CHECK(n == 1 && locks[0].id == 1);
	CHECK(lpt_cmp(locks[0].amount, lpt(1)) == 0);
	free(locks);
	calldata_withdraw_stake(&call, &contracts, 1);
	refused(orch, &call, REVERT_LOCK_NOT_OPEN);
	for (uint64_t i = 0; i < p.unbonding_period; i++)
		next_round();
	calldata_withdraw_stake(&call, &contracts, 1);
	do_it(orch, &call);
	calldata_withdraw_stake(&call, &contracts, 1);
	refused(orch, &call, REVERT_BAD_LOCK);
	stop("unbonding");
}

static void visit_withdrawal(void)
{
	struct lookup l = here();
	struct sender_funds f;
	struct contract_call call;
	struct protocol_facts p;

	ok(lookup_protocol(&l, &p));
	calldata_withdraw(&call, &contracts);
	refused(bcast, &call, REVERT_UNLOCK_NONE);
	calldata_unlock(&call, &contracts);
	do_it(bcast, &call);
	calldata_unlock(&call, &contracts);
	refused(bcast, &call, REVERT_UNLOCK_TWICE);
	calldata_cancel_unlock(&call, &contracts);
	do_it(bcast, &call);
	calldata_unlock(&call, &contracts);
	do_it(bcast, &call);
	calldata_withdraw(&call, &contracts);
	refused(bcast, &call, REVERT_WITHDRAW_LOCKED);
	for (uint64_t i = 0; i < p.unlock_period; i++)
		next_round();
	calldata_withdraw(&call, &contracts);
	do_it(bcast, &call);
	ok(lookup_sender(&l, signer_address(bcast), me(),
		round_now().initialized, &f));
	CHECK(wei_is_zero(f.deposit) && wei_is_zero(f.reserve));
	stop("withdrawal");
}

static struct signer *signer_of(const char *hex)
{
	struct signer *s;
	uint8_t key[32];

	CHECK(hex_decode(key, 32, hex));
	s = signer_new(key);
	CHECK(s);
	return s;
}

int main(int argc, char **argv)
{
	const char *url = argc == 5 ? argv[1] : "";
	struct rpc_options o = { .urls = &url, .urls_n = 1 };
	struct eth_addr controller;

	CHECK(argc == 5);
	CHECK(addr_parse(&controller, argv[2]));
	orch = signer_of(argv[3]);
	bcast = signer_of(argv[4]);
	ok(rpc_new(&rpc, &o));
	ok(contracts_resolve(&contracts, rpc, controller));
	stop(contracts.generation == GENERATION_CONFLUENCE ? "confluence" :
		contracts.launch ? "launch" : "streamflow");
	next_round();
	visit_protocol();
	visit_faucet();
	visit_activation();
	visit_pool();
	visit_reward();
	visit_tickets();
	visit_fees();
	visit_unbonding();
	visit_withdrawal();
	rpc_free(rpc);
	signer_free(orch);
	signer_free(bcast);
	stop("done");
	return 0;
}
