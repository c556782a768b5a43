/* Roles come and go while the others work. A role is made once; stopped, it ends
 * its sessions, closes its ports and rests, because peers' answers, tickets and
 * the chain may still come back to it, and it is there again at once. main's
 * thread does all of it, since listening and stopping wait for other threads;
 * what was asked lies in n->order until then. */
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/net/net.h"
#include "src/net/rtmp_port.h"
#include "src/node/node_private.h"
#include "src/node/tills.h"

#define LAST_SEGMENTS_MS 5000 /* of publishers that were sent away */

struct role_order {
	unsigned role;
	bool start;
	struct config *config; /* of a start */
	int64_t patience_ms;   /* of a stop */
	struct reply reply;
	enum { FRESH, DRAINING, CUTTING } phase;
	int64_t until_ms; /* monotonic: of the phase */
	int64_t cut;	  /* sessions that did not end by themselves */
};

struct kept_config {
	struct kept_config *before;
	struct config *config;
};

static const char *name_of(unsigned role)
{
	return role & OPTION_O ? "orchestrator" : role & OPTION_T ? "transcoder" : "broadcaster";
}

static bool runs(const struct node *n, unsigned role)
{
	return atomic_load(&n->running) & role;
}

/* The transcoder of this node's own orchestrator. */
static bool is_local_transcoder(const struct node *n)
{
	return !n->transcoder || !runs(n, OPTION_T) || runs(n, OPTION_O);
}

/* --- asking, from any thread --- */

static void place(struct node *n, struct role_order *taken)
{
	struct role_order *none = NULL;

	if (atomic_compare_exchange_strong(&n->order, &none, taken))
		return;
	reply_send(taken->reply, err_new(ERR_BUSY, "another role is being started or stopped"),
		NULL);
	config_free(taken->config);
	free(taken);
}

void node_start_role(struct node *n, unsigned role, struct config *taken, struct reply reply)
{
	struct role_order *o = XNEW(struct role_order);

	*o = (struct role_order){
		.role = role, .start = true, .config = taken, .reply = reply};
	place(n, o);
}

void node_stop_role(struct node *n, unsigned role, int64_t patience_ms, struct reply reply)
{
	struct role_order *o = XNEW(struct role_order);

	*o = (struct role_order){.role = role, .patience_ms = patience_ms, .reply = reply};
	place(n, o);
}

static bool is_made(const struct node *n, unsigned role)
{
	return role & OPTION_O ? n->orchestrator != NULL : role & OPTION_B
		? n->broadcaster != NULL : n->pool && (n->transcoder || n->orchestrator);
}

/* What a role is made with, it may point to; one that comes back has it. */
static void keep_config(struct node *n, struct role_order *o)
{
	struct kept_config *k;

	if (is_made(n, o->role))
		return;
	k = XNEW(struct kept_config);
	*k = (struct kept_config){n->configs, TAKE(o->config)};
	n->configs = k;
}

void node_drop_configs(struct node *n)
{
	struct kept_config *k;

	while ((k = n->configs)) {
		n->configs = k->before;
		config_free(k->config);
		free(k);
	}
}

static void finish(struct node *n, struct err *taken, char *text)
{
	struct role_order *o = atomic_exchange(&n->order, NULL);

	config_free(o->config);
	reply_send(o->reply, taken, text);
	free(o);
}

void node_drop_order(struct node *n)
{
	if (atomic_load(&n->order))
		finish(n, err_new(ERR_CANCELLED, "the node is stopping"), NULL);
}

/* --- starting --- */

/* Their fields alone: others may be reading the rest. */
static struct err *plan(struct node *n, const struct config *c, unsigned role)
{
	struct ports p;
	struct err *e = ports_plan(c, &p);

	if (e)
		return e;
	if (role == OPTION_O) {
		memcpy(n->ports.service_uri, p.service_uri, sizeof(p.service_uri));
		memcpy(n->ports.service_host, p.service_host, sizeof(p.service_host));
		memcpy(n->ports.orchestrator, p.orchestrator, sizeof(p.orchestrator));
		n->ports.orchestrator_is_tls = p.orchestrator_is_tls;
	} else if (role == OPTION_B) {
		memcpy(n->ports.rtmp, p.rtmp, sizeof(p.rtmp));
		memcpy(n->ports.http, p.http, sizeof(p.http));
		memcpy(n->ports.playback, p.playback, sizeof(p.playback));
		n->ports.http_is_local = p.http_is_local;
	}
	return NULL;
}

static struct err *start_orchestrator(struct node *n, const struct config *c)
{
	struct err *e;

	if (runs(n, OPTION_T))
		return err_new(ERR_INVALID, "the transcoder here works for %s: stop that role "
			"first", n->orchestrators[0]);
	if (n->orchestrator) {
		e = node_open_orchestrator(n);
		if (!e)
			orchestrator_drain(n->orchestrator, false);
		return e;
	}
	e = plan(n, c, OPTION_O);
	if (!e)
		e = tills_start(n, c, OPTION_O);
	return e ? e : node_make_orchestrator(n, c);
}

static struct err *need_pool(struct node *n, const struct config *c)
{
	struct pool *pool = NULL;
	struct err *e = n->pool ? NULL : node_make_pool(n, c, true, &pool);

	if (pool)
		n->pool = pool;
	return e;
}

static struct err *start_transcoder(struct node *n, const struct config *c)
{
	struct err *e = need_pool(n, c);

	if (e)
		return e;
	if (runs(n, OPTION_O)) {
		orchestrator_set_pool(n->orchestrator, n->pool);
		return NULL;
	}
	atomic_store(&n->transcoder_is_late, true);
	if (n->transcoder)
		transcoder_return(n->transcoder);
	else
		e = node_make_transcoder(n, c);
	return e;
}

static struct err *start_broadcaster(struct node *n, const struct config *c)
{
	struct err *e;

	if (n->broadcaster) {
		e = node_open_broadcaster(n);
		if (!e)
			broadcaster_drain(n->broadcaster, false);
		return e;
	}
	e = plan(n, c, OPTION_B);
	if (!e && !n->pool && !n->prober)
		e = node_make_pool(n, c, false, &n->prober);
	if (!e)
		e = tills_start(n, c, OPTION_B);
	return e ? e : node_make_broadcaster(n, c);
}

/* Half of its ports are none. */
static void close_ports(struct node *n, unsigned role)
{
	if (role & OPTION_O && n->orch_port)
		port_end(TAKE(n->orch_port));
	if (role & OPTION_B && n->rtmp_port)
		rtmp_port_close(TAKE(n->rtmp_port));
	if (role & OPTION_B && n->http_port)
		port_end(TAKE(n->http_port));
}

static void start(struct node *n, struct role_order *o)
{
	struct config *c = o->config;
	struct str text = STR_INIT;
	struct err *e = NULL;

	if (runs(n, o->role))
		e = err_new(ERR_INVALID, "the %s runs already", name_of(o->role));
	else if (atomic_load(&n->draining))
		e = err_new(ERR_INVALID, "the node is draining: `resume` first");
	if (!e)
		e = config_check_start(c);
	if (!e)
		e = node_read_role_options(n, c);
	if (!e) {
		keep_config(n, o);
		e = o->role == OPTION_O ? start_orchestrator(n, c)
			: o->role == OPTION_T ? start_transcoder(n, c)
			: start_broadcaster(n, c);
	}
	if (!e)
		e = tills_join(n, c, o->role);
	if (e) {
		if (!runs(n, o->role))
			close_ports(n, o->role);
		finish(n, e, NULL);
		return;
	}
	atomic_fetch_or(&n->known, o->role);
	atomic_fetch_or(&n->running, o->role);
	str_printf(&text, "the %s runs", name_of(o->role));
	log_info(n->log, "%s", text.s);
	finish(n, NULL, str_take(&text));
}

/* --- stopping --- */

static void on_totals(void *ctx, struct err *taken, void *result)
{
	struct totals *sum = ctx, *t = result;

	*sum = *t;
	err_free(taken);
	free(t);
}

static void on_nothing(void *ctx)
{
	(void)ctx;
}

static struct totals ask(struct node *n, unsigned role)
{
	struct totals t = {0};
	struct reply reply = {NULL, on_totals, &t};

	if (role & OPTION_B) {
		broadcaster_totals(n->broadcaster, reply);
		actor_call(broadcaster_actor(n->broadcaster), on_nothing, NULL);
	} else if (role & OPTION_O || is_local_transcoder(n)) {
		orchestrator_totals(n->orchestrator, reply);
		actor_call(orchestrator_actor(n->orchestrator), on_nothing, NULL);
	} else {
		transcoder_totals(n->transcoder, reply);
		actor_call(transcoder_actor(n->transcoder), on_nothing, NULL);
	}
	return t;
}

static int64_t sessions_of(struct node *n, unsigned role)
{
	struct totals t = ask(n, role);

	if (role == OPTION_T)
		return is_local_transcoder(n) ? t.local : t.in_flight;
	return t.sessions;
}

static void begin_to_drain(struct node *n, unsigned role)
{
	atomic_fetch_or(&n->leaving, role);
	if (role & OPTION_B)
		broadcaster_drain(n->broadcaster, true);
	if (role & OPTION_O)
		orchestrator_drain(n->orchestrator, true);
	else if (role & OPTION_T && is_local_transcoder(n))
		orchestrator_set_pool(n->orchestrator, NULL);
	else if (role & OPTION_T)
		transcoder_drain(n->transcoder);
}

/* Publishers are sent away; what they have sent goes through. */
static void begin_to_cut(struct node *n, struct role_order *o)
{
	o->phase = CUTTING;
	o->cut = sessions_of(n, o->role);
	o->until_ms = clock_mono_ms() + (o->role == OPTION_B && o->cut ? LAST_SEGMENTS_MS : 0);
	if (o->role == OPTION_B && n->rtmp_port)
		rtmp_port_close(TAKE(n->rtmp_port));
}

static void rest(struct node *n, unsigned role)
{
	if (role & OPTION_O) {
		orchestrator_rest(n->orchestrator);
		orchestrator_set_pool(n->orchestrator, NULL);
	} else if (role & OPTION_T && is_local_transcoder(n)) {
		orchestrator_leave_pool(n->orchestrator);
	}
	if (role & OPTION_B)
		broadcaster_rest(n->broadcaster);
	close_ports(n, role);
	atomic_fetch_and(&n->running, ~role);
	atomic_fetch_and(&n->leaving, ~role);
}

/* An orchestrator takes its own transcoder along. */
static unsigned with_it(const struct node *n, unsigned role)
{
	return role == OPTION_O && runs(n, OPTION_T) ? OPTION_O | OPTION_T : role;
}

static void stopped(struct node *n, struct role_order *o)
{
	unsigned roles = with_it(n, o->role);
	struct str text = STR_INIT;

	rest(n, roles);
	str_printf(&text, "the %s%s stopped", name_of(o->role),
		roles == o->role ? " is" : " and its transcoder are");
	if (o->cut)
		str_printf(&text, "; %lld session%s did not end by %s and %s ended",
			(long long)o->cut, o->cut == 1 ? "" : "s",
			o->cut == 1 ? "itself" : "themselves", o->cut == 1 ? "was" : "were");
	log_info(n->log, "%s", text.s);
	finish(n, NULL, str_take(&text));
}

static void stop(struct node *n, struct role_order *o)
{
	int64_t now_ms = clock_mono_ms();

	switch (o->phase) {
	case FRESH:
		if (!runs(n, o->role)) {
			finish(n, err_new(ERR_INVALID, "no %s runs here", name_of(o->role)),
				NULL);
			return;
		}
		log_info(n->log, "the %s is to stop: its sessions have %lld s",
			name_of(o->role), (long long)o->patience_ms / 1000);
		begin_to_drain(n, with_it(n, o->role));
		o->phase = DRAINING;
		o->until_ms = now_ms + o->patience_ms;
		return;
	case DRAINING:
		if (!sessions_of(n, o->role) || now_ms >= o->until_ms)
			begin_to_cut(n, o);
		return;
	case CUTTING:
		if (now_ms >= o->until_ms || !ask(n, o->role).in_flight)
			stopped(n, o);
		return;
	}
}

bool node_attend(struct node *n)
{
	struct role_order *o = atomic_load(&n->order);

	if (o && o->start)
		start(n, o);
	else if (o)
		stop(n, o);
	return atomic_load(&n->order) != NULL;
}
