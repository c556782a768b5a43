/* What only the operator knows: asked step by step where a person is there, and
 * named where none is. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/crypto/ec.h"
#include "src/wizard/migration.h"
#include "src/wizard/old_runs.h"

#define TRIES 5

enum asked_when { WHEN_ALWAYS, WHEN_CHAIN, WHEN_OWN_CHAIN, WHEN_ORCHESTRATOR, WHEN_PAID,
	WHEN_PAYS };
static const struct question {
	const char *name, *text;
	const char *otherwise; /* NULL: there must be an answer; "": it may be left out */
	enum asked_when when;
} questions[] = {
	{"network", "Network (mainnet, arbitrum-one-mainnet, offchain, or a name of your own)",
		"mainnet", WHEN_ALWAYS},
	{"ethUrl", "JSON-RPC address of an Ethereum node of it", NULL, WHEN_CHAIN},
	{"ethController", "Address of the Controller contract", NULL, WHEN_OWN_CHAIN},
	{"serviceAddr", "host:port under which broadcasters reach this orchestrator", NULL,
		WHEN_ORCHESTRATOR},
	{"pricePerUnit", "Price in wei for a pixel", NULL, WHEN_PAID},
	{"rewardCut", "Percent of the inflation that you keep (Enter: as it is)", "", WHEN_PAID},
	{"feeShare", "Percent of the fees that your delegators get (Enter: as it is)", "",
		WHEN_PAID},
	{"deposit", "Deposit to have, as \"0.1 ETH\" (Enter: none)", "", WHEN_PAYS},
	{"reserve", "Reserve to have, as \"0.1 ETH\" (Enter: none)", "", WHEN_PAYS},
	{"unit", "Systemd unit to write for it: user, system, a path (Enter: none)", "",
		WHEN_ALWAYS},
};

static bool applies(const struct migration *m, enum asked_when when)
{
	unsigned roles = config_roles(m->config);
	bool chain = config_is_onchain(m->config);
	const struct network *n = network_find(config_text(m->config, OPT_NETWORK));

	switch (when) {
	case WHEN_ALWAYS:
		return true;
	case WHEN_CHAIN:
		return chain;
	case WHEN_OWN_CHAIN:
		return chain && (!n || !n->controller);
	case WHEN_ORCHESTRATOR:
		return roles & OPTION_O;
	case WHEN_PAID:
		return chain && roles & OPTION_O;
	case WHEN_PAYS:
		return chain && roles & OPTION_B;
	}
	return false;
}

/* Flags that the old node's became are answers too. */
static bool is_answered(const struct migration *m, const struct question *q)
{
	const struct option *o = option_find(q->name);

	return choices_get(&m->choices, q->name) || (o && config_is_set(m->config, o->id));
}

static struct err *gone(void)
{
	return err_new(ERR_CANCELLED, "nobody answers any more; nothing was done");
}

/* Whoever is asked sees first how far it is. free() the answer. */
static char *pose(struct migration *m, const struct migrate_question *q)
{
	migration_tell(m);
	return m->voice->ask(m->voice->ctx, q);
}

static char *pose_line(struct migration *m, const char *name, const char *text,
	const char *otherwise)
{
	return pose(m, &(struct migrate_question){.kind = "line", .name = name, .text = text,
		.otherwise = otherwise});
}

static struct err *ask(struct migration *m, const struct question *q)
{
	const char *otherwise = q->otherwise;
	struct str text = STR_INIT;
	struct err *e = NULL;

	str_add(&text, q->text);
	if (!strcmp(q->name, "pricePerUnit") && m->price)
		otherwise = m->price;
	if (otherwise && *otherwise)
		str_printf(&text, " [%s]", otherwise);
	str_add(&text, ": ");
	for (int i = 0; i < TRIES; i++) {
		char *answer = pose_line(m, q->name, text.s, otherwise);
		const char *value = answer && *answer ? answer : otherwise;

		err_free(e);
		if (!answer)
			e = gone();
		else if (!value)
			e = err_new(ERR_INVALID, "%s: there has to be an answer", q->name);
		else
			e = *value ? choices_set(&m->choices, q->name, value) : NULL;
		free(answer);
		if (!e || err_kind(e) == ERR_CANCELLED)
			break;
		migration_say(m, "%s", err_text(e));
	}
	str_clear(&text);
	return e ? e : migration_configure(m);
}

/* --- roles --- */

static struct err *set_roles(struct migration *m, const char *answer)
{
	static const char *const names[] = {"orchestrator", "transcoder", "broadcaster"};
	struct err *e = NULL;
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !e; i++)
		if (strchr(answer, names[i][0])) {
			e = choices_set(&m->choices, names[i], "true");
			any = true;
		}
	if (!e && !any)
		e = err_new(ERR_INVALID, "write o, t and b for the roles that it is to have");
	return e;
}

static struct err *ask_roles(struct migration *m)
{
	struct err *e = NULL;

	for (int i = 0; i < TRIES; i++) {
		char *answer = pose_line(m, "roles", "Roles of the new node: o orchestrator, "
			"t transcoder, b broadcaster (an alpha transcoder is \"ot\" now): ",
			NULL);

		err_free(e);
		e = answer ? set_roles(m, answer) : gone();
		free(answer);
		if (!e || err_kind(e) == ERR_CANCELLED)
			break;
		migration_say(m, "%s", err_text(e));
	}
	return e ? e : migration_configure(m);
}

static struct err *ask_all(struct migration *m)
{
	struct err *e = config_roles(m->config) ? NULL : ask_roles(m);

	for (size_t i = 0; i < ARRAY_SIZE(questions) && !e; i++)
		if (applies(m, questions[i].when) && !is_answered(m, &questions[i]))
			e = ask(m, &questions[i]);
	return e;
}

struct err *migration_ask(struct migration *m)
{
	struct str missing = STR_INIT;
	struct err *e = NULL;

	if (m->o->interactive)
		return ask_all(m);
	if (!config_roles(m->config))
		str_add(&missing, " orchestrator, transcoder or broadcaster (roles);");
	if (!config_is_set(m->config, OPT_NETWORK))
		str_add(&missing, " network (the alpha's default was mainnet, go-livepeer's and "
			"weir's is offchain);");
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (applies(m, questions[i].when) && !questions[i].otherwise &&
			!is_answered(m, &questions[i]))
			str_printf(&missing, " %s%s%s;", questions[i].name,
				m->price && questions[i].when == WHEN_PAID
					? ", by what its jobs cost " : "",
				m->price && questions[i].when == WHEN_PAID ? m->price : "");
	if (missing.len)
		e = err_new(ERR_INVALID, "there is nobody to ask, and these are not answered:%s "
			"give them in --answers FILE or as --name value", missing.s);
	str_clear(&missing);
	return e;
}

static bool role_is_chosen(const struct migration *m)
{
	return choices_get(&m->choices, "orchestrator") ||
		choices_get(&m->choices, "transcoder") || choices_get(&m->choices, "broadcaster");
}

/* Only for who asks for it: other people's processes are not ours to look at. */
static struct err *pick_run(struct migration *m)
{
	const char *home = getenv("HOME");
	struct old_runs r;
	struct err *e = NULL;
	char *answer;
	int64_t n;

	old_runs_find("", home ? home : "/root", &r);
	for (size_t i = 0; i < r.n; i++)
		migration_say(m, "%zu. %s %s: %s", i + 1, old_run_kind_name(r.v[i].kind),
			r.v[i].path, r.v[i].line);
	if (!r.n) {
		migration_say(m, "no process, no unit and no typed command of a livepeer node, as "
			"far as this user may see");
		return err_new(ERR_NOT_FOUND, "nothing to choose from");
	}
	answer = pose_line(m, "oldFlags", "Which of them? Its number (Enter: none): ", "");
	if (!answer)
		e = gone();
	else if (*answer && (!parse_i64(answer, &n) || n < 1 || n > (int64_t)r.n))
		e = err_new(ERR_INVALID, "a number from 1 to %zu", r.n);
	else if (*answer)
		e = choices_set(&m->choices, "oldFlags", r.v[n - 1].kind == OLD_RUN_UNIT
			? r.v[n - 1].path : r.v[n - 1].line);
	free(answer);
	old_runs_clear(&r);
	return e;
}

static struct err *take_flags(struct migration *m, const char *answer)
{
	if (!answer)
		return gone();
	if (!strcmp(answer, "?"))
		return pick_run(m);
	return *answer ? choices_set(&m->choices, "oldFlags", answer) : NULL;
}

struct err *migration_ask_flags(struct migration *m)
{
	struct err *e = NULL;

	if (!m->o->interactive || m->o->resume || role_is_chosen(m) ||
		choices_own(&m->choices, CHOICE_OLD_FLAGS))
		return NULL;
	for (int i = 0; i < TRIES; i++) {
		char *answer = pose_line(m, "oldFlags", "How was the old node started? Its "
			"command line, or the path of its systemd unit or script (? looks on "
			"this machine; Enter: you do not know): ", "");

		err_free(e);
		e = take_flags(m, answer);
		free(answer);
		if (!e || err_kind(e) == ERR_CANCELLED)
			break;
		migration_say(m, "%s", err_text(e));
	}
	return e;
}

/* --- which directories --- */

/* Of a node that there is something to take from. */
static bool is_of_interest(const char *dir)
{
	struct alpha_dir *d;
	struct err *e = alpha_dir_read(dir, NULL, NULL, &d);
	bool yes = !e && (alpha_generation_is_old(d->generation) ||
		d->generation == ALPHA_KEYS);

	err_free(e);
	alpha_dir_free(d);
	return yes;
}

static struct err *choose_from(struct migration *m, const struct str *names, size_t n)
{
	struct str question = STR_INIT;

	if (!n)
		return err_new(ERR_NOT_FOUND, "no data directory of the alpha lies where they used "
			"to: give --from DIR");
	if (n == 1) {
		m->found_from = xstrdup(names->s);
		return NULL;
	}
	if (!m->o->interactive)
		return err_new(ERR_INVALID, "there are several old data directories (%s): give "
			"--from DIR", names->s);
	str_printf(&question, "Which old data directory? %s: ", names->s);
	m->found_from = pose_line(m, "from", question.s, NULL);
	str_clear(&question);
	return m->found_from && *m->found_from ? NULL : gone();
}

static struct err *find_from(struct migration *m)
{
	char *of_flags = migration_old_datadir(m);
	const char *home = getenv("HOME");
	struct alpha_candidates c;
	struct str names = STR_INIT;
	struct err *e;
	size_t n = 0;

	if (of_flags) {
		m->found_from = of_flags;
		return NULL;
	}
	alpha_candidates_find(home ? home : "/root", NULL, &c);
	for (size_t i = 0; i < c.n; i++)
		if (is_of_interest(c.v[i]))
			str_printf(&names, "%s%s", n++ ? ", " : "", c.v[i]);
	alpha_candidates_clear(&c);
	e = choose_from(m, &names, n);
	str_clear(&names);
	return e;
}

struct err *migration_ask_directories(struct migration *m)
{
	struct err *e = m->o->from ? NULL : find_from(m);

	if (!e && !m->o->from) {
		m->o->from = m->found_from;
		migration_say(m, "the old data directory is %s", m->o->from);
	}
	if (e || m->o->to)
		return e;
	if (!m->o->interactive)
		return err_new(ERR_INVALID, "give --to DIR, a new data directory");
	m->typed_to = pose_line(m, "to", "New data directory, beside the old one: ", NULL);
	m->o->to = m->typed_to;
	return m->typed_to && *m->typed_to ? NULL : gone();
}

/* --- which account --- */

static void list_accounts(const struct migration *m, struct str *out)
{
	for (size_t i = 0; i < m->alpha->n_keys; i++) {
		char name[EC_ADDR_TEXT_SIZE];

		if (m->alpha->keys[i].problem)
			continue;
		ec_address_text(name, m->alpha->keys[i].address.b);
		if (out->len && strstr(out->s, name)) /* two files of one key */
			continue;
		str_printf(out, "%s%s", out->len ? ", " : "", name);
	}
}

struct err *migration_ask_account(struct migration *m)
{
	struct str names = STR_INIT, question = STR_INIT;
	struct err *e = NULL;
	char *answer = NULL;

	list_accounts(m, &names);
	if (!m->o->interactive) {
		e = err_new(ERR_INVALID, "the keystore has several accounts (%s): say which is the "
			"node's with ethAcctAddr; the alpha took the first of its files", names.s);
	} else {
		str_printf(&question, "Which account is the node's? %s: ", names.s);
		answer = pose_line(m, "ethAcctAddr", question.s, NULL);
		e = answer ? addr_parse_checked(&m->account, answer) : gone();
		if (!e && !alpha_dir_find_key(m->alpha, m->account))
			e = err_new(ERR_NOT_FOUND, "there is no keyfile of %s", answer);
	}
	free(answer);
	str_clear(&names);
	str_clear(&question);
	return e;
}

/* --- the old node --- */

struct err *migration_ask_stop(struct migration *m, const char *how)
{
	struct str question = STR_INIT;
	char *answer;
	bool on;

	if (!m->o->interactive)
		return err_new(ERR_BUSY, "%s. Stop it first; nothing is stopped or changed "
			"without you", how);
	str_printf(&question, "%s. Stop it, then press Enter (no: end here): ", how);
	answer = pose_line(m, "stopped", question.s, "");
	on = answer && strcasecmp(answer, "no") != 0;
	free(answer);
	str_clear(&question);
	return on ? NULL : err_new(ERR_BUSY, "%s", how);
}

/* --- going ahead --- */

static struct err *check_somebody(const struct migration *m)
{
	return m->o->interactive ? NULL : err_new(ERR_CANCELLED, "nothing was done: there is "
		"nobody to confirm it, so give --yes, or confirm yes among the answers");
}

static struct err *not_confirmed(void)
{
	return err_new(ERR_CANCELLED, "not confirmed");
}

struct err *migration_confirm(struct migration *m, const char *name, const char *about,
	const char *question, const char *word)
{
	struct migrate_question q = {.kind = "word", .name = name, .about = about,
		.word = word};
	struct str text = STR_INIT;
	struct err *e = m->o->yes ? NULL : check_somebody(m);
	char *answer;
	bool yes;

	if (e || m->o->yes)
		return e;
	str_printf(&text, "%s Type %s to go on: ", question, word);
	q.text = text.s;
	answer = pose(m, &q);
	yes = answer && !strcasecmp(answer, word);
	free(answer);
	str_clear(&text);
	return yes ? NULL : not_confirmed();
}

/* "yes -refund -fund": what follows the word is left out. */
static struct err *take_plan_answer(struct migration *m, const char *answer)
{
	struct str names = STR_INIT;
	struct err *e = NULL;

	if (strncasecmp(answer, "yes", 3) != 0 || (answer[3] && answer[3] != ' '))
		return not_confirmed();
	for (answer += 3; *answer && !e; answer += strcspn(answer, " ")) {
		answer += strspn(answer, " ");
		if (*answer && *answer != '-')
			e = err_new(ERR_INVALID, "yes, or yes -NAME for each step that is left "
				"out");
		else if (*answer)
			str_printf(&names, "%s%.*s", names.len ? " " : "",
				(int)strcspn(answer + 1, " "), answer + 1);
	}
	if (!e && names.len)
		e = choices_set(&m->choices, "leaveOut", names.s);
	str_clear(&names);
	return e;
}

struct err *migration_confirm_plan(struct migration *m)
{
	struct err *e = m->o->yes ? NULL : check_somebody(m);

	for (int i = 0; i < TRIES && !e && !m->o->yes; i++) {
		char *answer = pose(m, &(struct migrate_question){.kind = "plan",
			.name = "plan", .word = "yes", .text = "Do all of this? Type yes to go "
			"on (yes -NAME -NAME leaves steps out): "});

		e = answer ? take_plan_answer(m, answer) : not_confirmed();
		free(answer);
		if (!e || err_kind(e) == ERR_CANCELLED)
			break;
		migration_say(m, "%s", err_text(e));
		err_free(TAKE(e));
	}
	if (!e)
		choices_left_out(&m->choices, m->left_out);
	return e;
}
