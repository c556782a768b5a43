#include "src/node/setup.h"

#include <stdlib.h>
#include <string.h>

#include "src/eth/contracts.h"
#include "src/node/ports.h"

#define PROSE_W 76

/* The dialogue so far: what will be in the file are its "file" values. */
struct setup {
	unsigned role;
	const struct config *given;
	struct config *c;
	const struct setup_io *io;
};

enum when { ALWAYS, ONCHAIN, OFFCHAIN, UNKNOWN_NETWORK };

typedef struct err *check_fn(const struct setup *s, const char *text);

static struct err *check_service(const struct setup *s, const char *text)
{
	const char *port = strrchr(text, ':');
	struct err *e = setup_check_host(text, 8935);

	(void)s;
	/* What is reached at a name may be another machine's address, behind which
	 * this one stands: here the port is what counts. */
	return e ? e : setup_check_port(port && port[1] ? port : ":8935", 8935);
}

static struct err *check_rtmp(const struct setup *s, const char *text)
{
	(void)s;
	return setup_check_port(text, 1935);
}

static struct err *check_http(const struct setup *s, const char *text)
{
	(void)s;
	return setup_check_port(text, 9935);
}

static struct err *check_orchestrators(const struct setup *s, const char *text)
{
	struct err *e = NULL;
	char *item;

	(void)text;
	for (size_t i = 0; !e && (item = config_item(s->c, OPT_ORCH_ADDR, i)); i++) {
		e = err_wrap(setup_check_host(item, 8935), "%s", item);
		free(item);
	}
	return e;
}

static struct err *check_secret(const struct setup *s, const char *text)
{
	(void)s;
	return err_wrap(setup_check_file(text), "make one with `head -c 24 /dev/urandom | "
		"base64 > FILE; chmod 600 FILE`");
}

static struct err *check_rpc(const struct setup *s, const char *text)
{
	return setup_check_rpc(text, config_text(s->c, OPT_NETWORK));
}

static struct err *check_key(const struct setup *s, const char *text)
{
	(void)text;
	return setup_check_key(s->c);
}

/* operator.md's checklists, as far as they are a node's flags. What has a default
 * here may be left as it is by an empty answer. */
static const struct question {
	enum option_id id;
	unsigned roles;
	enum when when;
	bool needed;
	const char *offer; /* NULL: nothing */
	const char *ask;
	check_fn *check;
} questions[] = {
	{OPT_NETWORK, OPTION_O | OPTION_B, ALWAYS, true, "offchain",
		"Network: offchain (nobody pays anybody), arbitrum-one-mainnet, or another", NULL},
	{OPT_ETH_URL, OPTION_O | OPTION_B, ONCHAIN, true, NULL,
		"JSON-RPC address of an Ethereum node of that network", check_rpc},
	{OPT_ETH_CONTROLLER, OPTION_O | OPTION_B, UNKNOWN_NETWORK, true, NULL,
		"Address of the protocol's Controller contract there", NULL},
	{OPT_ETH_PASSWORD, OPTION_O | OPTION_B, ONCHAIN, false, NULL,
		"File with the password of the account; empty: it is asked for at each start",
		check_secret},
	{OPT_ETH_KEYSTORE_PATH, OPTION_O | OPTION_B, ONCHAIN, false, "",
		"Keystore directory or keyfile; empty: keystore in the data directory", check_key},
	{OPT_SERVICE_ADDR, OPTION_O, ALWAYS, true, NULL,
		"Address at which broadcasters reach this machine, as host:port", check_service},
	{OPT_TRANSCODER, OPTION_O, ALWAYS, false, "true",
		"Does this machine transcode, too? (true or false)", NULL},
	{OPT_NVIDIA, OPTION_O | OPTION_T, ALWAYS, false, "",
		"NVIDIA GPUs to transcode on, as 0,1 or all; empty: the CPU", NULL},
	{OPT_PRICE_PER_UNIT, OPTION_O, ONCHAIN, true, NULL,
		"Price of a pixel in wei", NULL},
	{OPT_ORCH_ADDR, OPTION_T, ALWAYS, true, NULL,
		"Address of the orchestrator to work for, as host:port", check_orchestrators},
	{OPT_ORCH_ADDR, OPTION_B, OFFCHAIN, true, NULL,
		"Orchestrators to use, as host:port,host:port", check_orchestrators},
	{OPT_ORCH_SECRET, OPTION_T, ALWAYS, true, NULL,
		"File with the secret that this orchestrator shares", check_secret},
	{OPT_ORCH_SECRET, OPTION_O, ALWAYS, false, "",
		"File with a secret for remote transcoders; empty: there are none", check_secret},
	{OPT_MAX_SESSIONS, OPTION_ALL, ALWAYS, false, "10",
		"Most sessions at once", NULL},
	{OPT_RTMP_ADDR, OPTION_B, ALWAYS, false, "127.0.0.1:1935",
		"Address to take RTMP streams at", check_rtmp},
	{OPT_HTTP_ADDR, OPTION_B, ALWAYS, false, "127.0.0.1:9935",
		"Address for playback, and to take segments at", check_http},
	{OPT_TRANSCODING_OPTIONS, OPTION_B, ALWAYS, false, "P240p30fps16x9,P360p30fps16x9",
		"Renditions, by names of presets", NULL},
	{OPT_MAX_PRICE_PER_UNIT, OPTION_B, ONCHAIN, true, NULL,
		"Highest price of a pixel to pay, in wei; 0: ANY price", NULL},
};

unsigned setup_role(const char *name)
{
	return strcmp(name, "orchestrator") == 0 ? OPTION_O
		: strcmp(name, "transcoder") == 0 ? OPTION_T
		: strcmp(name, "broadcaster") == 0 ? OPTION_B : 0;
}

static bool is_asked(const struct setup *s, const struct question *q)
{
	bool onchain = config_is_onchain(s->c);

	if (!(q->roles & s->role))
		return false;
	/* GPUs are for those who transcode. */
	if (q->id == OPT_NVIDIA && !config_bool(s->c, OPT_TRANSCODER))
		return false;
	switch (q->when) {
	case ALWAYS:
		return true;
	case ONCHAIN:
		return onchain;
	case OFFCHAIN:
		return !onchain;
	case UNKNOWN_NETWORK:
		return onchain && !network_find(config_text(s->c, OPT_NETWORK));
	}
	return false;
}

/* Into the file, if it is right; an empty answer is none. */
static struct err *take(struct setup *s, const struct question *q, const char *text)
{
	struct err *e = NULL;

	config_unset(s->c, q->id, ORIGIN_FILE);
	if (*text)
		e = config_set(s->c, q->id, ORIGIN_FILE, text);
	else if (q->needed)
		e = err_new(ERR_INVALID, "an answer is needed");
	if (!e && q->check && (*text || q->check == check_key))
		e = q->check(s, text);
	return e;
}

static char *ask(const struct setup *s, const struct question *q)
{
	struct str prompt = STR_INIT;
	char *answer;

	str_add(&prompt, q->ask);
	if (q->offer && *q->offer)
		str_printf(&prompt, " [%s]", q->offer);
	answer = s->io->ask(s->io->ctx, prompt.s);
	str_clear(&prompt);
	if (answer && !*answer && q->offer) {
		free(answer);
		answer = xstrdup(q->offer);
	}
	return answer;
}

static void say_wrong(const struct setup *s, struct err *taken)
{
	struct str text = STR_INIT;

	str_printf(&text, "That will not do: %s", err_text(taken));
	s->io->say(s->io->ctx, text.s);
	str_clear(&text);
	err_free(taken);
}

/* Until it is right, or nobody is there any more. */
static struct err *converse(struct setup *s, const struct question *q)
{
	for (;;) {
		char *answer = ask(s, q);
		struct err *e;

		if (!answer)
			return err_new(ERR_CANCELLED, "given up: nothing is written");
		if (strcmp(answer, "?") == 0) {
			s->io->say(s->io->ctx, option_get(q->id)->prose);
			free(answer);
			continue;
		}
		e = take(s, q, answer);
		free(answer);
		if (!e)
			return NULL;
		say_wrong(s, e);
	}
}

static struct err *settle(struct setup *s, const struct question *q)
{
	const char *name = option_get(q->id)->name;
	struct err *e;

	if (config_is_set(s->given, q->id))
		return err_wrap(take(s, q, config_text(s->given, q->id)), "-%s", name);
	if (s->io->ask)
		return converse(s, q);
	if (q->needed && !q->offer)
		return err_new(ERR_INVALID, "-%s is needed: %s", name, q->ask);
	e = take(s, q, q->offer ? q->offer : "");
	return err_wrap(e, "-%s", name);
}

/* What was given beside the answers. */
static void take_the_rest(struct setup *s)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		bool is_ours = i != OPT_CONFIG && i != OPT_VERSION && i != OPT_ASCII &&
			i != OPT_READONLY && i != OPT_COLOR && i != OPT_SCRIPT;

		if (is_ours && config_is_set(s->given, i) &&
			!config_said(s->c, i, ORIGIN_FILE))
			err_free(config_set(s->c, i, ORIGIN_FILE, config_text(s->given, i)));
	}
}

static struct err *ask_all(struct setup *s)
{
	static const struct {
		unsigned role;
		enum option_id id;
	} roles[] = {{OPTION_O, OPT_ORCHESTRATOR}, {OPTION_T, OPT_TRANSCODER},
		{OPTION_B, OPT_BROADCASTER}};
	struct err *e = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(roles) && !e; i++)
		if (roles[i].role == s->role)
			e = config_set(s->c, roles[i].id, ORIGIN_FILE, "true");
	/* Where keys are looked for. */
	if (!e && config_is_set(s->given, OPT_DATADIR))
		e = config_set(s->c, OPT_DATADIR, ORIGIN_FILE,
			config_text(s->given, OPT_DATADIR));
	for (size_t i = 0; i < ARRAY_SIZE(questions) && !e; i++)
		if (is_asked(s, &questions[i]))
			e = settle(s, &questions[i]);
	if (!e)
		take_the_rest(s);
	return e;
}

/* --- the file --- */

static void add_prose(struct str *out, const char *prose)
{
	while (*prose) {
		size_t n = strlen(prose), end = n;

		if (n > PROSE_W)
			for (end = PROSE_W; end > 0 && prose[end] != ' '; end--)
				;
		end = end ? end : strcspn(prose, " ");
		str_printf(out, "# %.*s\n", (int)end, prose);
		prose += end;
		prose += *prose == ' ';
	}
}

static void write_config(const struct setup *s, struct str *out)
{
	const char *subject = "";

	str_printf(out, "# A %s, set up by `weir setup`. Each line is a flag of `weir help`,\n"
		"# without its dash; weir reads this file when it is told of no role.\n",
		s->role & OPTION_O ? "Livepeer orchestrator" : s->role & OPTION_T
			? "Livepeer transcoder" : "Livepeer broadcaster");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get(i);
		const char *value = config_said(s->c, i, ORIGIN_FILE);

		if (!value || !*value)
			continue;
		if (strcmp(subject, option_subject(o)) != 0)
			str_printf(out, "\n# --- %s ---\n", option_subject(o));
		subject = option_subject(o);
		add_prose(out, o->prose);
		str_printf(out, "%s %s\n", o->name, value);
	}
}

/* Read back, it must start a node. */
static struct err *check_config(const struct str *text)
{
	struct config *c = config_new();
	struct ports ports;
	struct err *e = config_read_text(c, "the config file", str_cstr(text), text->len);

	if (!e)
		e = config_check(c);
	if (!e)
		e = config_check_start(c);
	if (!e)
		e = ports_plan(c, &ports);
	config_free(c);
	return e;
}

/* A node works without its status page; but it is better to know. */
static void look_at_status_page(const struct setup *s)
{
	struct ports p;
	struct str text = STR_INIT;
	struct err *e = ports_plan(s->c, &p);

	if (!e)
		e = setup_check_port(p.cli, 0);
	if (e)
		str_printf(&text, "the status page will be missing: %s (-cliAddr)", err_text(e));
	if (e)
		s->io->say(s->io->ctx, text.s);
	str_clear(&text);
	err_free(e);
}

struct err *setup_run(unsigned role, const struct config *given, const struct setup_io *io,
	struct str *out)
{
	struct setup s = {role, given, config_new(), io};
	struct str text = STR_INIT;
	struct err *e = ask_all(&s);

	if (!e) {
		write_config(&s, &text);
		e = check_config(&text);
	}
	if (!e) {
		look_at_status_page(&s);
		str_add(out, text.s);
	}
	str_clear(&text);
	config_free(s.c);
	return e;
}
