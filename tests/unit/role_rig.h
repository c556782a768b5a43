#ifndef TESTS_UNIT_ROLE_RIG_H
#define TESTS_UNIT_ROLE_RIG_H
/* Orchestrators, transcoders and a client of theirs on loopback, each with a
 * net of its own as if they were processes. The test's thread asks and waits;
 * nothing here waits longer than PATIENCE_MS. */
#include <poll.h>
#include <stdio.h>

#include "proto/headers.h"
#include "proto/rpc_codec.h"
#include "src/base/board.h"
#include "src/base/clock.h"
#include "src/base/str.h"
#include "src/crypto/keccak.h"
#include "src/role/orchestrator_private.h"
#include "tests/unit/fake_chain.h"
#include "tests/unit/fake_pool.h"
#include "tests/unit/payer.h"

#define PATIENCE_MS 10000
#define WAIT_FOR(cond) \
	do { \
		int64_t until_ = clock_mono_ms() + PATIENCE_MS; \
		while (!(cond)) { \
			if (clock_mono_ms() > until_) \
				fail_msg("never came: %s", #cond); \
			poll(NULL, 0, 1); \
		} \
	} while (0)

/* --- waiting for one reply --- */
struct box {
	atomic_bool full;
	struct err *err;
	void *result;
};

static inline void on_boxed(void *ctx, struct err *taken, void *result)
{
	struct box *b = ctx;

	b->err = taken;
	b->result = result;
	atomic_store(&b->full, true);
}

static inline struct reply into(struct box *b)
{
	*b = (struct box){0};
	return (struct reply){.fn = on_boxed, .ctx = b};
}

/* The result; the error, which must not be there, fails the test. */
static inline void *unbox(struct box *b)
{
	WAIT_FOR(atomic_load(&b->full));
	if (b->err)
		fail_msg("%s", err_text(b->err));
	return b->result;
}

static inline void unbox_error(struct box *b, const char *text)
{
	WAIT_FOR(atomic_load(&b->full));
	assert_null(b->result);
	assert_non_null(b->err);
	assert_string_equal(err_text(b->err), text);
	err_free(TAKE(b->err));
}

/* --- an orchestrator --- */
struct orch {
	struct net *net;
	struct pool *pool;
	struct board *board;
	struct router *router;
	struct port *port;
	struct orchestrator *o;
	struct cashier *cashier; /* NULL: off-chain */
	char uri[URI_SIZE];
};

static struct log *rig_log;
static struct net *client;

static inline void rig_open(void)
{
	log_set_quiet(1);
	rig_log = log_new("test", NULL);
	client = net_new(rig_log);
}

static inline void rig_close(void)
{
	net_free(TAKE(client));
	log_free(TAKE(rig_log));
}

static inline void set_uri(void *ctx)
{
	struct orch *n = ctx;

	memcpy(n->o->service_uri, n->uri, sizeof(n->uri));
}

/* port 0: any. pool NULL: works through registered transcoders only. cashier
 * NULL: off-chain. */
static inline void orch_open_with(struct orch *n, struct pool *pool,
	const char *secret, unsigned max_sessions, unsigned port,
	struct cashier *cashier)
{
	char address[32];
	struct orchestrator_options o = {.service_uri = "", .secret = secret,
		.max_sessions = max_sessions, .version = "0.9.1",
		.cashier = cashier};
	struct port_options p = {.kind = PORT_TLS, .address = address,
		.tls_name = "127.0.0.1"};
	struct err *e;

	snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	*n = (struct orch){.pool = pool, .cashier = cashier};
	n->net = net_new(rig_log);
	n->board = board_new(SECTION_COUNT);
	n->o = orchestrator_new(rig_log, n->net, pool, n->board, NULL, &o);
	p.router = n->router = router_new();
	orchestrator_routes(n->o, n->router);
	e = net_listen(n->net, &p, &n->port);
	if (e)
		fail_msg("%s", err_text(e));
	snprintf(n->uri, sizeof(n->uri), "https://%s", port_address(n->port));
	actor_call(n->o->actor, set_uri, n);
}

static inline void orch_open(struct orch *n, struct pool *pool,
	const char *secret, unsigned max_sessions, unsigned port)
{
	orch_open_with(n, pool, secret, max_sessions, port, NULL);
}

/* In the order of node_stop(). */
static inline void orch_close(struct orch *n)
{
	orchestrator_stop(n->o);
	pool_free(n->pool);
	net_stop(n->net);
	orchestrator_free(n->o);
	cashier_free(n->cashier);
	net_free(n->net);
	router_free(n->router);
	board_free(n->board);
	*n = (struct orch){0};
}

/* A look at the orchestrator's own state. */
struct look {
	struct orchestrator *o;
	size_t sessions, queued, remotes, jobs;
	unsigned runs, running, named;
	int64_t load;
	bool draining;
};

static inline void on_look(void *ctx)
{
	struct look *l = ctx;

	l->sessions = HASH_COUNT(l->o->sessions);
	for (struct session *s = l->o->sessions; s; s = s->hh.next)
		l->queued += s->queue_n;
	l->draining = l->o->draining;
	l->named = l->o->remotes.named;
	for (struct remote *t = l->o->remotes.list; t; t = t->next) {
		l->remotes++;
		l->load += t->load;
	}
	for (struct job *j = l->o->jobs; j; j = j->next) {
		l->jobs++;
		l->runs += j->runs;
		for (size_t i = 0; i < j->runs; i++)
			l->running += j->run[i].on != NULL;
	}
}

static inline struct look look(struct orch *n)
{
	struct look l = {.o = n->o};

	actor_call(n->o->actor, on_look, &l);
	return l;
}

/* --- what a broadcaster would send --- */
static const char rig_segment[] = "forty bytes of what could be a segment..";

/* who NULL: off-chain. */
static inline struct err *get_orchestrator_as(struct orch *n, const struct payer *who,
	struct orchestrator_info *info)
{
	struct orchestrator_request *q = XNEW(struct orchestrator_request);
	struct str msg = STR_INIT;
	struct box box;
	struct blob *b;
	struct err *e;

	if (who)
		payer_sign_request(who, q);
	orchestrator_request_encode(q, &msg);
	free(q);
	grpc_call(client, n->uri, "/net.Orchestrator/GetOrchestrator",
		blob_from_str(&msg), 0, 0, into(&box));
	WAIT_FOR(atomic_load(&box.full));
	if (box.err)
		return box.err;
	b = box.result;
	e = orchestrator_info_decode(info, blob_data(b), blob_size(b));
	blob_put(b);
	return e;
}

static inline struct err *get_orchestrator(struct orch *n,
	struct orchestrator_info *info)
{
	return get_orchestrator_as(n, NULL, info);
}

static inline struct segment_creds *creds_new(const struct auth_token *token,
	int64_t seq)
{
	struct segment_creds *c = XNEW(struct segment_creds);

	snprintf(c->manifest, sizeof(c->manifest), "%s", "movie");
	c->seq = seq;
	keccak_256(c->hash, rig_segment, strlen(rig_segment));
	c->duration_ms = 2000;
	caps_add(&c->caps, CAP_H264);
	caps_add(&c->caps, CAP_AUTH_TOKEN);
	c->caps.present = true;
	c->token = *token;
	c->ladder.n = 1;
	c->ladder.r[0] = preset_find("P240p30fps16x9")->rendition;
	return c;
}

/* Takes c. payment NULL: off-chain. */
static inline struct fetch *paid_fetch(struct orch *n, struct segment_creds *taken,
	const struct payment *payment)
{
	char url[URI_SIZE + 16];
	struct str header = STR_INIT, paid = STR_INIT;
	struct fetch *f;

	snprintf(url, sizeof(url), "%s/segment", n->uri);
	f = fetch_new("POST", url);
	segment_header_encode(taken, &header);
	free(taken);
	fetch_header(f, "Livepeer-Segment", "%s", str_cstr(&header));
	if (payment)
		payment_header_encode(payment, &paid);
	fetch_header(f, "Livepeer-Payment", "%s", str_cstr(&paid));
	fetch_header(f, "Content-Type", "video/MP2T");
	str_clear(&header);
	str_clear(&paid);
	f->body = blob_new(rig_segment, strlen(rig_segment));
	f->total_ms = PATIENCE_MS;
	f->max_body = 1 << 20;
	return f;
}

static inline struct fetch *segment_fetch(struct orch *n, struct segment_creds *taken)
{
	return paid_fetch(n, taken, NULL);
}

static inline void post_segment(struct orch *n, const struct auth_token *token,
	int64_t seq, struct box *box)
{
	fetch_start(client, segment_fetch(n, creds_new(token, seq)), into(box));
}

static inline void take_result(struct box *box, struct transcode_result *out)
{
	struct response *r = unbox(box);
	struct err *e;

	assert_int_equal(r->status, 200);
	e = transcode_result_decode(out, blob_data(r->body),
		blob_size(r->body));
	if (e)
		fail_msg("%s", err_text(e));
	response_free(r);
}

/* The answer is an error in the band, to the letter. */
static inline void result_is(struct box *box, const char *error)
{
	struct transcode_result *r = XNEW(struct transcode_result);

	take_result(box, r);
	if (error) {
		assert_non_null(r->error);
		assert_string_equal(r->error, error);
	} else if (r->error) {
		fail_msg("%s", r->error);
	}
	transcode_result_clear(r);
	free(r);
}

/* The status and the whole body. */
static inline void response_is(struct box *box, int status, const char *body)
{
	struct response *r = unbox(box);

	assert_int_equal(r->status, status);
	assert_int_equal(blob_size(r->body), strlen(body));
	assert_memory_equal(blob_data(r->body), body, strlen(body));
	response_free(r);
}

static inline void get(const char *url, struct box *box)
{
	struct fetch *f = fetch_new("GET", url);

	f->http = FETCH_H1;
	fetch_start(client, f, into(box));
}

static inline void end_session(struct orch *n, const struct auth_token *t,
	struct box *box)
{
	struct str msg = STR_INIT;

	end_session_encode(t, &msg);
	grpc_call(client, n->uri, "/net.Orchestrator/EndTranscodingSession",
		blob_from_str(&msg), 0, 0, into(box));
}

static inline void token_of(struct orch *n, struct auth_token *out)
{
	struct orchestrator_info *info = XNEW(struct orchestrator_info);
	struct err *e = get_orchestrator(n, info);

	if (e)
		fail_msg("%s", err_text(e));
	*out = info->token;
	free(info);
}
#endif
