/* DETECT and CHECK: what there is on the disk, on this machine and on the chain,
 * and what speaks against going on. Nothing is written. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/wizard/migration.h"
#include "src/wizard/unit_file.h"
#include "src/migrate/tree.h"
#include "src/net/fetch_now.h"
#include "src/node/datadir.h"

#define SPARE_BYTES (64ull << 20) /* beside a copy of everything */
#define OLD_CLI "127.0.0.1:7935"
#define OLD_HEAD_MS 600000 /* no chain is that slow */
#define MINUTE_MS 60000

/* --- the old node --- */

static const char *level_of(enum alpha_remark_kind k)
{
	switch (k) {
	case REMARK_RUNNING:
		return "stop";
	case REMARK_KEY_BROKEN:
	case REMARK_KEY_OPEN:
	case REMARK_JOURNAL:
	case REMARK_NO_KEYS:
	case REMARK_DB_PROBLEM:
	case REMARK_MIXED:
	case REMARK_TWO_DBS:
	case REMARK_SEVERAL_KEYS:
	case REMARK_SHARED:
		return "warn";
	case REMARK_NO_DB:
	case REMARK_SAME_KEY:
	case REMARK_WAL:
	case REMARK_FOREIGN:
	case REMARK_SPECIAL:
	case REMARK_LINK:
	case REMARK_SUBDIR:
		break;
	}
	return "note";
}

static struct err *refuse_kind(const struct migration *m)
{
	switch (m->alpha->generation) {
	case ALPHA_NOTHING:
		return err_new(ERR_NOT_FOUND, "%s: no node has been here", m->from);
	case ALPHA_WEIR:
		return err_new(ERR_INVALID, "%s is weir's own data directory: there is nothing to "
			"do", m->from);
	case ALPHA_LPDB:
		return err_new(ERR_INVALID, "%s is of Streamflow or later (lpdb.sqlite3): `weir "
			"import %s` takes it over", m->from, m->from);
	case ALPHA_FOREIGN:
		return err_new(ERR_INVALID, "%s has a database that is none of a Livepeer node",
			m->from);
	case ALPHA_KEYS:
	case ALPHA_0_2:
	case ALPHA_0_3:
	case ALPHA_0_4:
	case ALPHA_0_5_0:
	case ALPHA_0_5_2:
	case ALPHA_UNREADABLE:
	case ALPHA_GENERATIONS:
		break;
	}
	return NULL;
}

static const char *old_keystore(const struct migration *m)
{
	return choices_own(&m->choices, CHOICE_OLD_KEYSTORE);
}

/* Its command port answers what only an alpha is asked. */
static bool port_answers(const char *address)
{
	struct fetch_now *f = fetch_now_new();
	struct posted answer = {0};
	struct str url = STR_INIT;
	struct post p = {.content_type = "text/plain", .body = "", .connect_ms = 500,
		.total_ms = 2000, .max_body = 4096};
	struct err *e;
	bool yes;

	str_printf(&url, "http://%s/EthNetworkID", address);
	p.url = url.s;
	e = fetch_now(f, &p, &answer);
	yes = !e && answer.status == 200 && answer.body.len &&
		strspn(answer.body.s, "0123456789\n") == answer.body.len;
	err_free(e);
	posted_clear(&answer);
	fetch_now_free(f);
	str_clear(&url);
	return yes;
}

/* Appends how it is known that it runs; nothing where it does not. */
static void tell_running(struct migration *m, struct str *out)
{
	const char *chosen = m->old_flags ? old_flags_value(m->old_flags, "cliAddr") : NULL;
	const char *cli = chosen && *chosen ? chosen : OLD_CLI;

	if (m->alpha->holder)
		str_printf(out, "the old node still runs: process %lld has its database open",
			(long long)m->alpha->holder);
	else if (port_answers(cli))
		str_printf(out, "an old node still runs: it answers on %s", cli);
}

static struct err *read_directory(struct migration *m)
{
	alpha_dir_free(TAKE(m->alpha));
	return alpha_dir_read(m->from, old_keystore(m), NULL, &m->alpha);
}

/* What it wrote until its end is read, too. */
static struct err *check_stopped(struct migration *m)
{
	struct str how = STR_INIT;
	struct err *e = NULL;

	for (tell_running(m, &how); how.len && !e; tell_running(m, &how)) {
		e = migration_ask_stop(m, how.s);
		if (!e)
			e = read_directory(m);
		str_truncate(&how, 0);
		if (e)
			break;
	}
	str_clear(&how);
	return e;
}

struct err *migration_detect(struct migration *m)
{
	struct err *e = read_directory(m);

	if (e)
		return e;
	view_set(&m->report->generation, alpha_generation_name(m->alpha->generation));
	migration_remark(m, "ok", "generation", "%s", m->report->generation);
	for (size_t i = 0; i < m->alpha->n_remarks; i++)
		migration_remark(m, level_of(m->alpha->remarks[i].kind), "directory", "%s",
			m->alpha->remarks[i].text);
	e = refuse_kind(m);
	if (!e)
		e = migration_read_flags(m);
	return e ? e : check_stopped(m);
}

/* --- this machine --- */

static const char *existing_part(char *path)
{
	struct stat st;

	while (*path && stat(path, &st) != 0) {
		char *slash = strrchr(path, '/');

		*(slash ? slash : path) = '\0';
	}
	return *path ? path : "/";
}

static struct err *check_room(struct migration *m, const char *where, uint64_t need)
{
	char *copy = xstrdup(where);
	const char *dir = existing_part(copy);
	struct statvfs vfs;
	struct err *e = NULL;

	if (access(dir, W_OK) != 0)
		e = err_sys(errno, "%s cannot be written", dir);
	else if (statvfs(dir, &vfs) != 0)
		e = err_sys(errno, "%s", dir);
	else if (vfs.f_bavail * vfs.f_frsize < need)
		e = err_new(ERR_LIMIT, "%s has room for %llu MiB, and %llu are needed", dir,
			(unsigned long long)(vfs.f_bavail * vfs.f_frsize >> 20),
			(unsigned long long)(need >> 20) + 1);
	(void)m;
	free(copy);
	return e;
}

static struct err *check_disk(struct migration *m)
{
	struct tree t;
	struct err *e = tree_read_but(m->from, DATADIR_DB, &t);

	if (e)
		return e;
	e = check_room(m, m->backup, t.bytes + SPARE_BYTES);
	if (!e)
		e = check_room(m, m->to, t.bytes + SPARE_BYTES);
	if (!e)
		migration_remark(m, "ok", "disk", "%llu KiB are to be copied, and there is room",
			(unsigned long long)(t.bytes >> 10) + 1);
	tree_clear(&t);
	return e;
}

static struct err *check_target(struct migration *m)
{
	struct tree t;
	struct err *e = tree_read(m->to, &t);

	if (e && err_kind(e) == ERR_NOT_FOUND) {
		err_free(e);
		return NULL;
	}
	if (!e && t.n)
		e = err_new(ERR_INVALID, "--to %s is not empty (%s): choose a directory that is "
			"new, so that nothing of another node is in the way", m->to, t.v[0].path);
	tree_clear(&t);
	return e;
}

static bool is_free(const char *address)
{
	const char *colon = strrchr(address, ':');
	struct sockaddr_in a = {.sin_family = AF_INET};
	int64_t port, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool free_port;

	if (!colon || !parse_i64(colon + 1, &port) || port < 1 || port > 65535 || fd < 0) {
		if (fd >= 0)
			close((int)fd);
		return true;
	}
	a.sin_port = htons((uint16_t)port);
	setsockopt((int)fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	free_port = bind((int)fd, (struct sockaddr *)&a, sizeof(a)) == 0 || errno != EADDRINUSE;
	close((int)fd);
	return free_port;
}

static void check_ports(struct migration *m)
{
	unsigned roles = config_roles(m->config);
	struct ports p;
	struct err *e = ports_plan(m->config, &p);
	const char *const used[] = {roles & OPTION_O ? p.orchestrator : "",
		roles & OPTION_B ? p.rtmp : "", roles & OPTION_B ? p.http : ""};

	if (e) {
		migration_remark(m, "warn", "ports", "%s", err_text(e));
		err_free(e);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(used); i++)
		if (*used[i] && !is_free(used[i]))
			migration_remark(m, "warn", "ports", "%s, which the new node would listen "
				"on, is taken", used[i]);
}

static void check_limits(struct migration *m)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 1024)
		migration_remark(m, "warn", "limits", "only %llu files may be open (ulimit -n); a "
			"node with many sessions needs more", (unsigned long long)r.rlim_cur);
}

/* --- account and key --- */

static struct err *choose_account(struct migration *m)
{
	const char *chosen = choices_get(&m->choices, "ethAcctAddr");
	const struct alpha_key *k = NULL;
	size_t n = 0;
	struct err *e;

	if (chosen) {
		e = addr_parse_checked(&m->account, chosen);
		if (!e && !alpha_dir_find_key(m->alpha, m->account))
			e = err_new(ERR_NOT_FOUND, "no whole keyfile of %s lies in %s", chosen,
				m->alpha->keystore);
		return err_wrap(e, "ethAcctAddr");
	}
	for (size_t i = 0; i < m->alpha->n_keys; i++)
		if (!m->alpha->keys[i].problem && (!k ||
			!addr_eq(k->address, m->alpha->keys[i].address))) {
			k = &m->alpha->keys[i];
			n++;
		}
	if (!n)
		return err_new(ERR_NOT_FOUND, "there is no keyfile in %s: give oldKeystore, the "
			"directory where the old node had its keys. No new account is ever made "
			"here", m->alpha->keystore);
	if (n > 1)
		return migration_ask_account(m);
	m->account = k->address;
	return NULL;
}

static struct err *check_key(struct migration *m)
{
	const struct alpha_key *k = alpha_dir_find_key(m->alpha, m->account);
	char name[EC_ADDR_TEXT_SIZE];
	struct err *e;

	ec_address_text(name, m->account.b);
	view_set(&m->report->account, name);
	e = choices_set(&m->choices, "ethAcctAddr", name);
	if (!e)
		e = migration_configure(m);
	if (!e)
		e = migration_open_key(m, k->path, &m->signer);
	if (e && m->o->dry_run && err_kind(e) == ERR_DENIED && !m->password) {
		migration_remark(m, "warn", "key", "%s; this is a dry run, so it goes on without",
			err_text(e));
		err_free(e);
		return NULL;
	}
	if (!e)
		migration_remark(m, "ok", "key", "the password opens the key of %s", name);
	return e;
}

/* --- the chain --- */

static void tell_chain(struct migration *m)
{
	const struct stake_facts *f = &m->survey.stake;
	struct str a = STR_INIT, b = STR_INIT;

	wei_fmt_eth(&a, f->eth);
	lpt_fmt(&b, f->lpt);
	migration_remark(m, "ok", "account", "%s and %s", a.s, b.s);
	str_truncate(&a, 0);
	lpt_fmt(&a, f->delegator.pending_stake);
	if (f->transcoder.registered && !f->transcoder.activation.v)
		migration_remark(m, "warn", "stake", "%s is bonded, and the orchestrator is not in "
			"Streamflow's pool: it was never activated there", a.s);
	else if (f->transcoder.registered)
		migration_remark(m, "ok", "stake", "%s is bonded; active from round %lld on", a.s,
			(long long)f->transcoder.activation.v);
	else if (!lpt_is_zero(f->delegator.bonded))
		migration_remark(m, "warn", "stake", "%s is bonded to another orchestrator: this "
			"account is a delegator, and cannot be activated as it is", a.s);
	if (*f->service_uri)
		migration_remark(m, "ok", "service URI", "%s is registered", f->service_uri);
	for (size_t i = 0; i < f->locks_n; i++) {
		str_truncate(&a, 0);
		lpt_fmt(&a, f->locks[i].amount);
		migration_remark(m, "ok", "locks", "lock %llu: %s, to be withdrawn from round %lld "
			"on", (unsigned long long)f->locks[i].id, a.s,
			(long long)f->locks[i].withdraw_round.v);
	}
	str_truncate(&a, 0);
	wei_fmt_eth(&a, m->survey.alpha_deposit);
	if (!wei_is_zero(m->survey.alpha_deposit))
		migration_remark(m, m->survey.refunded ? "ok" : "warn", "alpha deposit", "%s %s",
			a.s, m->survey.refunded ? "were paid back by the Refunder" :
			"are still at the Refunder");
	str_clear(&a);
	str_clear(&b);
}

static void check_head(struct migration *m)
{
	int64_t age_ms = clock_wall_ms() - m->survey.stake.chain.head_ms;

	if (age_ms > OLD_HEAD_MS || age_ms < -OLD_HEAD_MS)
		migration_remark(m, "warn", "chain", "its newest block is of %lld minutes %s: the "
			"Ethereum node is not synced, or this machine's clock is wrong",
			(long long)(age_ms < 0 ? -age_ms : age_ms) / MINUTE_MS,
			age_ms < 0 ? "from now" : "ago");
}

static struct err *check_chain(struct migration *m)
{
	const struct chain_facts *c = &m->survey.stake.chain;
	struct err *e = survey_make(m->config, m->account,
		choices_addr(&m->choices, CHOICE_REFUNDER),
		choices_addr(&m->choices, CHOICE_JOBS_MANAGER), &m->survey);

	if (e)
		return err_wrap(e, "the chain could not be read");
	m->surveyed = true;
	migration_remark(m, "ok", "chain", "chain %llu, block %lld, round %lld",
		(unsigned long long)c->chain_id, (long long)c->head.v,
		(long long)c->round.current.v);
	if (m->survey.moved_on)
		migration_remark(m, "stop", "chain", "%s", m->survey.moved_on);
	else if (c->paused)
		migration_remark(m, "warn", "chain", "the protocol is paused: what is to be sent "
			"waits until it goes on");
	else if (c->round.initialized.v < c->round.current.v)
		migration_remark(m, "warn", "chain", "round %lld is not initialised: what is to be "
			"sent waits until somebody does that", (long long)c->round.current.v);
	check_head(m);
	tell_chain(m);
	return NULL;
}

struct err *migration_check(struct migration *m)
{
	struct err *e = check_target(m);

	if (!e)
		e = check_disk(m);
	if (!e)
		e = migration_suggest_price(m);
	if (!e)
		e = migration_configure(m);
	if (!e)
		e = choose_account(m);
	if (!e)
		e = check_key(m);
	if (!e)
		e = migration_ask(m);
	if (!e)
		e = migration_configure(m);
	if (!e)
		e = unit_check(m);
	if (!e)
		e = config_check(m->config);
	if (!e)
		e = config_check_start(m->config);
	if (e)
		return e;
	check_ports(m);
	check_limits(m);
	if (!config_is_onchain(m->config)) {
		migration_remark(m, "warn", "chain", "the network is offchain: there is no money "
			"in it, and nothing is sent");
		return NULL;
	}
	return check_chain(m);
}

/* --- the plan --- */

static bool has_rows(struct alpha_db *db, enum alpha_table t)
{
	int64_t n = 0;
	struct err *e = alpha_db_count(db, t, &n);
	bool any = !e && n;

	err_free(e);
	return any;
}

/* What was earned and not claimed by the upgrade is gone; better said than looked
 * for. */
static void tell_losses(struct migration *m)
{
	struct alpha_losses l = {.receipts = 0};
	struct err *e = m->alpha->db ? alpha_db_losses(m->alpha->db, &l) : NULL;
	struct str a = STR_INIT, b = STR_INIT;

	wei_fmt_eth(&a, l.receipts_value);
	wei_fmt_eth(&b, l.claims_value);
	if (e)
		migration_remark(m, "warn", "unpaid", "%s", err_text(e));
	if (!e && l.receipts)
		migration_remark(m, "note", "unpaid", "%lld segments, worth %s, were never "
			"claimed: they could be cashed only before the contracts were exchanged",
			(long long)l.receipts, a.s);
	if (!e && l.claims)
		migration_remark(m, "note", "unpaid", "%lld claims of %lld segments, worth %s, "
			"were never complete, and cannot be any more", (long long)l.claims,
			(long long)l.claim_receipts, b.s);
	err_free(e);
	str_clear(&a);
	str_clear(&b);
}

static bool has_history(const struct migration *m)
{
	struct alpha_db *db = m->alpha->db;

	return db && (has_rows(db, ALPHA_JOBS) || has_rows(db, ALPHA_CLAIMS) ||
		has_rows(db, ALPHA_RECEIPTS) || has_rows(db, ALPHA_BROADCASTS));
}

struct err *migration_plan(struct migration *m)
{
	struct migrate_facts f = {
		.has_history = has_history(m),
		.has_locks = m->alpha->db && has_rows(m->alpha->db, ALPHA_LOCKS),
		.on_chain = m->surveyed,
		.stake = &m->survey.stake,
		.moved_on = m->survey.moved_on,
		.refunder = m->survey.refunder,
		.alpha_deposit = m->survey.alpha_deposit,
		.refunded = m->survey.refunded,
		.nonce_latest = m->survey.nonce_latest,
		.nonce_pending = m->survey.nonce_pending,
	};
	const char *uri = "";
	struct ports p;
	struct err *e = ports_plan(m->config, &p);

	tell_losses(m);
	err_free(e);
	if (!e && config_roles(m->config) & OPTION_O)
		uri = p.service_uri;
	choices_wish(&m->choices, m->config, uri, &f.wish);
	e = plan_make(&m->plan, &f);
	migration_report_steps(m);
	return e;
}
