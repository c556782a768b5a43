#include "src/node/node.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/db.h"
#include "db/history.h"
#include "db/kv.h"
#include "proto/ladder_json.h"
#include "proto/webhook_json.h"
#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/crypto/signer.h"
#include "src/media/pool.h"
#include "src/net/exchange.h"
#include "src/net/rtmp_port.h"
#include "src/node/chronicle.h"
#include "src/node/devices.h"
#include "src/migrate/record.h"
#include "src/node/migration_view.h"
#include "src/node/node_private.h"
#include "src/node/onchain.h"
#include "src/node/ports.h"
#include "src/node/status_page.h"
#include "src/node/tills.h"

#define VALUE_FILE_MAX (64u << 10)

/* A value that names a readable, non-empty file stands for its content, blanks
 * at the end trimmed; any other is meant literally (go-livepeer's
 * common.ReadFromFile). */
struct err *node_file_or_text(const char *value, char **out)
{
	char buf[VALUE_FILE_MAX];
	FILE *f = *value ? fopen(value, "re") : NULL;
	size_t n = f ? fread(buf, 1, sizeof(buf), f) : 0;

	if (f)
		fclose(f);
	if (n == sizeof(buf))
		return err_new(ERR_LIMIT, "%s: more than %u bytes", value,
			VALUE_FILE_MAX);
	while (n && strchr(" \t\r\n", buf[n - 1]))
		n--;
	*out = n ? xstrndup(buf, n) : xstrdup(value);
	return NULL;
}

/* --- construction, role by role --- */

static unsigned session_cap(const struct config *c)
{
	int64_t n = config_int(c, OPT_MAX_SESSIONS);

	return n ? (unsigned)n : 10; /* 0: auto */
}

static bool is_auto_cap(const struct config *c)
{
	return config_int(c, OPT_MAX_SESSIONS) == 0;
}

struct err *node_make_pool(struct node *n, const struct config *c, bool transcodes,
	struct pool **out)
{
	char orch_id[EC_ADDR_TEXT_SIZE] = "offchain"; /* in the renditions */
	struct pool_options o = {
		.exe = "/proc/self/exe",
		.cpu_workers = (unsigned)config_int(c, OPT_CPU_WORKERS),
		.capacity = transcodes ? session_cap(c) : 0,
		.nvidia = config_text(c, OPT_NVIDIA),
		.preset = config_text(c, OPT_X264_PRESET),
		.decodes_hevc = config_bool(c, OPT_HEVC_DECODING),
		.node_version = WEIR_VERSION,
		.orch_id = orch_id,
	};

	if (n->chain)
		ec_address_text(orch_id, onchain_recipient(n).b);
	return err_wrap(pool_new(n->log, &o, out), "transcoder");
}

/* -orchAddr as URIs; the error names the entry. */
static struct err *read_orchestrators(struct node *n, const struct config *c)
{
	char *item;

	for (size_t i = 0; (item = config_item(c, OPT_ORCH_ADDR, i)); i++) {
		char uri[URI_SIZE];

		if (!orchestrator_uri(uri, item)) {
			struct err *e = err_new(ERR_INVALID,
				"-orchAddr: %s is no address (host:port)",
				item);

			free(item);
			return e;
		}
		free(item);
		n->orchestrators = xrealloc_array(n->orchestrators, i + 1,
			sizeof(char *));
		n->orchestrators[i] = xstrdup(uri);
		n->orchestrators_n = i + 1;
	}
	return NULL;
}

struct err *node_open_orchestrator(struct node *n)
{
	struct port_options p = {
		.kind = n->ports.orchestrator_is_tls ? PORT_TLS : PORT_HTTP,
		.address = n->ports.orchestrator,
		.tls_name = n->ports.service_host,
		.tls_dir = n->datadir,
		.router = n->orch_router,
	};

	return n->orch_port ? NULL : err_wrap(net_listen(n->net, &p, &n->orch_port),
		"orchestrator (-serviceAddr, -httpAddr)");
}

struct err *node_make_orchestrator(struct node *n, const struct config *c)
{
	struct orchestrator_options o = {
		.service_uri = n->ports.service_uri,
		.secret = n->secret,
		.max_sessions = session_cap(c),
		.auto_sessions = is_auto_cap(c),
		.version = NETWORK_VERSION,
		.cashier = n->cashier,
	};

	n->orchestrator = orchestrator_new(n->log, n->net,
		config_roles(c) & OPTION_T ? n->pool : NULL, n->board,
		n->history, &o);
	n->orch_router = router_new();
	orchestrator_routes(n->orchestrator, n->orch_router);
	return node_open_orchestrator(n);
}

static void on_fatal(void *ctx, const char *reason)
{
	struct node *n = ctx;
	char *expected = NULL, *text = xstrdup(reason);

	/* One that was started beside others does not end them. */
	if (atomic_load(&n->transcoder_is_late)) {
		log_broken(n->log, "the transcoder is stopped: %s", reason);
		atomic_fetch_and(&n->running, ~OPTION_T);
		free(text);
		return;
	}
	if (!atomic_compare_exchange_strong(&n->failure, &expected, text))
		free(text);
}

struct err *node_make_transcoder(struct node *n, const struct config *c)
{
	struct transcoder_options o = {
		.secret = n->secret,
		.capacity = session_cap(c),
		.version = NETWORK_VERSION,
		.publishes = true,
		.fatal = on_fatal,
		.ctx = n,
	};

	if (!n->orchestrators_n)
		return err_new(ERR_INVALID, "-transcoder without -orchestrator "
			"registers with one: give -orchAddr host:port");
	if (!*n->secret)
		return err_new(ERR_INVALID, "-transcoder without -orchestrator "
			"needs the orchestrator's -orchSecret");
	o.orchestrator = n->orchestrators[0];
	n->transcoder = transcoder_new(n->log, n->net, n->pool, n->board, &o);
	return NULL;
}

static struct err *read_ladder(struct node *n, const struct config *c)
{
	struct ladder l;
	char *text = NULL;
	struct err *e = node_file_or_text(config_text(c, OPT_TRANSCODING_OPTIONS),
		&text);

	if (!e)
		e = ladder_option_parse(&l, text);
	if (!e)
		e = ladder_validate(&l);
	if (!e)
		node_keep_ladder(n, &l);
	free(text);
	return err_wrap(e, "-transcodingOptions");
}

/* HTTP ingest on an address that others can reach wants an auth webhook, or
 * the operator's express word. */
static bool takes_push(const struct node *n, const struct config *c)
{
	if (config_is_set(c, OPT_HTTP_INGEST))
		return config_bool(c, OPT_HTTP_INGEST);
	return n->ports.http_is_local || *config_text(c, OPT_AUTH_WEBHOOK_URL);
}

/* RTMP and HTTP, or neither. */
struct err *node_open_broadcaster(struct node *n)
{
	struct port_options p = {
		.kind = PORT_HTTP, .address = n->ports.http, .router = n->http_router};
	struct err *e = n->http_port ? NULL : err_wrap(net_listen(n->net, &p, &n->http_port),
		"HTTP ingest and playback (-httpAddr)");

	if (!e && !n->rtmp_port)
		e = err_wrap(broadcaster_listen_rtmp(n->broadcaster, n->ports.rtmp,
			&n->rtmp_port), "RTMP (-rtmpAddr)");
	if (!e && !n->rtmp_address && n->rtmp_port)
		n->rtmp_address = xstrdup(rtmp_port_address(n->rtmp_port));
	return e;
}

struct err *node_make_broadcaster(struct node *n, const struct config *c)
{
	struct broadcaster_options o = {
		.discovery = {
			.uris = (const char *const *)n->orchestrators,
			.uris_n = n->orchestrators_n,
			.webhook = config_text(c, OPT_ORCH_WEBHOOK_URL),
			.first_ms = (unsigned)config_ms(c,
				OPT_DISCOVERY_TIMEOUT),
			.blocklist = config_text(c, OPT_ORCH_BLOCKLIST),
			.extra_nodes = (unsigned)config_int(c,
				OPT_EXTRA_NODES),
		},
		.min_version = config_text(c, OPT_ORCH_MIN_VERSION),
		.auth_webhook = config_text(c, OPT_AUTH_WEBHOOK_URL),
		.max_attempts = (unsigned)config_int(c, OPT_MAX_ATTEMPTS),
		.max_streams = session_cap(c),
		.verify_pixels = config_bool(c, OPT_LOCAL_VERIFY),
		.current_manifest = config_bool(c, OPT_CURRENT_MANIFEST),
		.playback = n->ports.playback,
		.purse = n->purse,
		.rule = {
			.max_price = PRICE_FREE,
			.ignore_max_price = config_bool(c, OPT_IGNORE_MAX_PRICE),
			.stake_weight = config_float(c, OPT_SELECT_STAKE_WEIGHT),
			.price_weight = config_float(c, OPT_SELECT_PRICE_WEIGHT),
			.random_weight = config_float(c, OPT_SELECT_RAND),
			.price_exp = config_float(c, OPT_SELECT_PRICE_EXP),
		},
	};
	struct err *e = NULL;

	o.ladder = atomic_load(&n->terms)->ladder;
	if (n->purse)
		e = config_price(c, OPT_MAX_PRICE_PER_UNIT, &o.rule.max_price);
	if (e)
		return e;
	node_keep_max_price(n, o.rule.max_price);
	n->broadcaster = broadcaster_new(n->log, n->net,
		n->pool ? n->pool : n->prober, n->board, n->history, &o);
	n->http_router = router_new();
	broadcaster_routes(n->broadcaster, n->http_router, takes_push(n, c));
	return node_open_broadcaster(n);
}

/* A node works without the page: only one that was asked for must be there. */
static struct err *start_status_page(struct node *n, const struct config *c)
{
	struct err *e = err_wrap(status_page_start(n->net, n->board, n->ports.cli,
		&n->status_page), "status page (-cliAddr)");

	if (!e || config_is_set(c, OPT_CLI_ADDR))
		return e;
	log_unusual(n->log, "%s; the node runs without it", err_text(e));
	err_free(e);
	return NULL;
}

struct err *node_read_role_options(struct node *n, const struct config *c)
{
	/* Once: others read them, as soon as a transcoder is known. */
	struct err *e = n->orchestrators_n ? NULL : read_orchestrators(n, c);
	char *secret = NULL;

	if (!e)
		e = node_file_or_text(config_text(c, OPT_ORCH_SECRET), &secret);
	if (e)
		return e;
	free(n->secret);
	n->secret = secret;
	return atomic_load(&n->terms) ? NULL : read_ladder(n, c);
}

static struct err *start_roles(struct node *n, const struct config *c)
{
	unsigned roles = config_roles(c);
	struct pool *pool = NULL;
	struct err *e = node_read_role_options(n, c);

	if (!e)
		e = ports_plan(c, &n->ports);
	if (!e && (roles & (OPTION_T | OPTION_B)))
		e = node_make_pool(n, c, roles & OPTION_T, &pool);
	if (roles & OPTION_T)
		n->pool = pool;
	else
		n->prober = pool;
	if (!e && (roles & OPTION_O))
		e = node_make_orchestrator(n, c);
	if (!e && (roles & OPTION_T) && !(roles & OPTION_O))
		e = node_make_transcoder(n, c);
	if (!e && (roles & OPTION_B))
		e = node_make_broadcaster(n, c);
	if (!e)
		e = start_status_page(n, c);
	n->running = n->known = roles;
	return e;
}

static struct err *open_history(struct node *n)
{
	struct str path = STR_INIT;
	struct db *db = NULL;
	struct err *e;

	str_printf(&path, "%s/weir.sqlite", n->datadir);
	e = db_open(str_cstr(&path), DB_NORMAL, &db);
	str_clear(&path);
	if (!e)
		e = kv_get(db, CHRONICLE_KEY, &n->kept_trend);
	if (e)
		db_close(db);
	else
		n->history = history_new(n->log, db);
	return err_wrap(e, "database");
}

static void show_migration(const struct node *n)
{
	char *records = record_directory();

	migration_view_publish(n->datadir, records, n->board, n->log);
	free(records);
}

struct err *node_start(const struct config *c, const struct signer *signer,
	const struct log *log, struct board *board, struct node **out)
{
	struct node *n;
	struct err *e = config_check_start(c);

	if (e)
		return e;
	n = XNEW(struct node);
	n->log = log;
	n->board = board;
	n->config = c;
	n->signer = signer;
	n->messenger = signer ? signer_limited(signer, SIGN_MESSAGE) : NULL;
	n->started_ms = clock_wall_ms();
	n->datadir = config_datadir(c);
	n->net = net_new(log);
	e = open_history(n);
	if (!e)
		e = onchain_start(n);
	if (!e)
		e = tills_start(n, c, config_roles(c));
	if (!e)
		e = start_roles(n, c);
	if (!e)
		e = tills_join(n, c, config_roles(c));
	if (!e)
		n->devices = devices_start(n->board, n->pool);
	if (!e)
		overview_start(n);
	if (!e)
		show_migration(n);
	if (e)
		node_stop(TAKE(n));
	*out = n;
	return e;
}

/* --- stopping --- */

/* Publishers are sent away, their last segments go through; ports stay open,
 * since those segments' renditions are still to be fetched. */
void node_drain(struct node *n)
{
	if (!atomic_load(&n->draining))
		node_set_draining(n, true, DRAIN_STOP, (struct reply){0});
	if (n->rtmp_port)
		rtmp_port_close(TAKE(n->rtmp_port));
}

/* Roles end their sessions while the net can still tell peers; then the pool's
 * and the net's last replies go to the roles' actors; then those end. */
void node_stop(struct node *n)
{
	if (!n)
		return;
	node_drop_order(n);
	overview_stop(n);
	devices_stop(n->devices);
	if (n->rtmp_port) /* it was never drained: its start came to nothing */
		rtmp_port_close(TAKE(n->rtmp_port));
	if (n->broadcaster)
		broadcaster_stop(n->broadcaster);
	if (n->transcoder)
		transcoder_stop(n->transcoder);
	if (n->orchestrator)
		orchestrator_stop(n->orchestrator);
	tills_stop(n);
	onchain_stop(n);
	pool_free(n->pool);
	pool_free(n->prober);
	net_stop(n->net);
	broadcaster_free(n->broadcaster);
	transcoder_free(n->transcoder);
	orchestrator_free(n->orchestrator);
	onchain_free(n);
	tills_free(n);
	overview_free(n);
	net_free(n->net);
	status_page_free(n->status_page);
	router_free(n->orch_router);
	router_free(n->http_router);
	history_free(n->history);
	signer_free(n->messenger);
	for (size_t i = 0; i < n->orchestrators_n; i++)
		free(n->orchestrators[i]);
	free(n->orchestrators);
	free(n->rtmp_address);
	node_drop_terms(n);
	node_drop_configs(n);
	free(n->secret);
	free(n->kept_trend);
	free(n->datadir);
	free(atomic_load(&n->failure));
	free(n);
}

const char *node_failure(struct node *n)
{
	return atomic_load(&n->failure);
}

void node_ports(const struct node *n, struct str *out)
{
	if (n->orch_port)
		str_printf(out, "orchestrator https %s\n",
			port_address(n->orch_port));
	if (n->http_port)
		str_printf(out, "broadcaster http %s\n",
			port_address(n->http_port));
	if (n->rtmp_port)
		str_printf(out, "broadcaster rtmp %s\n",
			n->rtmp_address);
	if (n->status_page)
		str_printf(out, "status http %s\n",
			status_page_address(n->status_page));
}

struct eth_addr node_account(const struct node *n)
{
	return n->signer ? signer_address(n->signer) : (struct eth_addr){0};
}

const char *node_service_uri(const struct node *n)
{
	return n->orchestrator ? n->ports.service_uri : "";
}

unsigned node_roles(const struct node *n)
{
	return atomic_load(&n->running);
}

struct staker *node_staker(struct node *n)
{
	return n->staker;
}

struct chain *node_chain(struct node *n)
{
	return n->chain;
}

/* --- commands --- */

/* A role that is stopped, or about to be, does not come back by this. */
void node_set_draining(struct node *n, bool drain, enum drain_then then,
	struct reply reply)
{
	unsigned at_work = atomic_load(&n->running) & ~atomic_load(&n->leaving);

	if (drain && !atomic_load(&n->draining))
		atomic_store(&n->drain_since_ms, clock_wall_ms());
	atomic_store(&n->drain_then, (int)then);
	atomic_store(&n->draining, drain);
	if (n->orchestrator && (drain || at_work & OPTION_O))
		orchestrator_drain(n->orchestrator, drain);
	if (n->broadcaster && (drain || at_work & OPTION_B))
		broadcaster_drain(n->broadcaster, drain);
	if (n->transcoder && drain)
		transcoder_drain(n->transcoder);
	else if (n->transcoder && at_work & OPTION_T)
		transcoder_return(n->transcoder);
	reply_send(reply, NULL, NULL);
}

void node_set_max_sessions(struct node *n, int64_t count, struct reply reply)
{
	if (n->orchestrator)
		orchestrator_set_max_sessions(n->orchestrator,
			(unsigned)count);
	if (n->broadcaster)
		broadcaster_set_max_streams(n->broadcaster, (unsigned)count);
	reply_send(reply, n->orchestrator || n->broadcaster ? NULL
		: err_new(ERR_INVALID, "a transcoder's capacity is told when "
			"it registers: restart it with -maxSessions"), NULL);
}

void node_drain_transcoder(struct node *n, const char *id, bool drain,
	struct reply reply)
{
	if (n->orchestrator)
		orchestrator_drain_transcoder(n->orchestrator, id, drain,
			reply);
	else if (n->pool)
		pool_drain(n->pool, id, drain, reply);
	else
		reply_send(reply, err_new(ERR_NOT_FOUND, "no transcoder %s",
			id), NULL);
}

/* The id may be a stream's or a session's: the stream first. */
struct end_try {
	struct node *n;
	char id[MANIFEST_SIZE];
	struct reply reply;
};

static void on_stream_dropped(void *ctx, struct err *taken, void *result)
{
	struct end_try *t = ctx;

	(void)result;
	if (taken && t->n->orchestrator) {
		err_free(taken);
		orchestrator_drop_session(t->n->orchestrator, t->id, t->reply);
	} else {
		reply_send(t->reply, taken, NULL);
	}
	free(t);
}

void node_end_session(struct node *n, const char *id, struct reply reply)
{
	struct end_try *t = XNEW(struct end_try);
	struct reply mine = {NULL, on_stream_dropped, t};

	t->n = n;
	t->reply = reply;
	snprintf(t->id, sizeof(t->id), "%s", id);
	if (n->broadcaster)
		broadcaster_drop_stream(n->broadcaster, id, mine);
	else
		reply_send(mine, err_new(ERR_NOT_FOUND, "no session %s", id),
			NULL);
}

void node_ack_alarms(struct node *n, const char *id, struct reply reply)
{
	overview_ack(n, id, reply);
}
