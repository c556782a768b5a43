/* weir: one binary. This file is the table of subcommands; each is a few lines
 * that call what does the work. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "proto/command.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/base/crash.h"
#include "src/base/str.h"
#include "src/media/gpu_watch.h"
#include "src/media/pool.h"
#include "src/wizard/wizard.h"
#include "src/node/account.h"
#include "src/node/completion.h"
#include "src/node/daemon.h"
#include "src/node/datadir.h"
#include "src/node/guide.h"
#include "src/node/import.h"
#include "src/node/restart.h"
#include "src/node/settings.h"
#include "src/node/usage.h"
#include "ui/ask.h"
#include "ui/console.h"
#include "ui/drain_wait.h"
#include "ui/keys_help.h"
#include "ui/nodes.h"
#include "ui/say.h"

extern char **environ;

struct call { /* what was typed after the subcommand's name */
	const char *name;
	char **words; /* up to the first dash */
	size_t words_n;
	struct config *config; /* the flags, environment and file */
	bool json, csv, yes, all, man, drift, wait, dry_run; /* switches of subcommands */
	char *password_file, *answers, *output; /* NULL: not given */
};

static int run_run(struct call *c);
static int run_attach(struct call *c);
static int run_nodes(struct call *c);
static int run_status(struct call *c);
static int run_account(struct call *c);
static int run_import(struct call *c);
static int run_setup(struct call *c);
static int run_migrate(struct call *c);
static int run_info(struct call *c);
static int run_version(struct call *c);
static int run_completion(struct call *c);
static int run_help(struct call *c);

struct subcommand_row {
	const char *name, *help;
};
static const struct subcommand {
	struct subcommand_row row;
	int (*run)(struct call *c);
	bool takes_words;
} subcommands[] = {
	{{"run", "run a node in the foreground, without a console"}, run_run, false},
	{{"attach", "show the node of this data directory, or of a name or path: attach "
		"[NODE]"}, run_attach, true},
	{{"nodes", "list the nodes there are, near and forwarded; --json"}, run_nodes, false},
	{{"status", "print what the console shows; --json for all of it"}, run_status, false},
	{{"account", "new, list, import [FILE], check [ADDRESS|FILE]: keyfiles of ETH "
		"accounts; --password-file FILE, --json"}, run_account, true},
	{{"setup", "orchestrator, transcoder, broadcaster: make the config file of one, from flags "
		"or --answers FILE; --output FILE, --dry-run"}, run_setup, true},
	{{"import", "take over tickets, locks and keys of a go-livepeer data directory"},
		run_import, true},
	{{"migrate", "take a node of the Livepeer alpha to Streamflow; --help"}, run_migrate, true},
	{{"info", "print the paths and settings a node with these flags has"}, run_info, false},
	{{"version", "print the version"}, run_version, false},
	{{"completion", "print what completes these words: completion " COMPLETION_SHELLS},
		run_completion, true},
	{{"help", "print this; --all adds the console's keys and go-livepeer's other flags"},
		run_help, false},
};

static void print(struct str *s)
{
	fputs(str_cstr(s), stdout);
	str_clear(s);
}

/* What others may have named. */
static void print_safe(struct str *s, bool json)
{
	if (json)
		say_json(stdout, str_cstr(s), s->len);
	else
		say_lines(stdout, str_cstr(s));
	str_clear(s);
}

static int run_run(struct call *c)
{
	struct str text = STR_INIT;

	if (config_serves(c->config))
		return daemon_run(c->config);
	usage_start(&text);
	fputs(text.s, stderr);
	str_clear(&text);
	return EXIT_USAGE;
}

static char *socket_of(const struct config *c)
{
	char *dir = config_datadir(c), *path = datadir_file(dir, DATADIR_SOCKET);

	free(dir);
	return path;
}

/* The socket that `weir attach NODE` means. */
static struct err *find_node(const char *word, const char *dir, char **socket)
{
	struct nodes nodes;
	struct err *e = nodes_find(&nodes, dir, clock_mono_ms());

	*socket = NULL;
	if (!e)
		e = nodes_resolve(&nodes, word, socket);
	nodes_clear(&nodes);
	return e;
}

static int attach(struct call *c, const char *socket, const char *dir, const char *label)
{
	const char *script = config_text(c->config, OPT_SCRIPT);
	const char *color = config_text(c->config, OPT_COLOR);
	struct console_options o = {
		.socket = socket,
		.datadir = dir,
		.label = label,
		.script = *script ? script : NULL,
		.readonly = config_bool(c->config, OPT_READONLY),
		.ascii = config_bool(c->config, OPT_ASCII),
		.bell = config_bool(c->config, OPT_BELL),
		.color = !strcmp(color, "never") ? COLOR_NEVER
			: !strcmp(color, "16") ? COLOR_FORCE_16
			: !strcmp(color, "256") ? COLOR_FORCE_256 : COLOR_AUTO,
	};

	return console_main(&o);
}

static int run_attach(struct call *c)
{
	char *dir = config_datadir(c->config), *socket = NULL;
	struct err *e = NULL;
	int code;

	if (c->words_n > 1)
		e = err_new(ERR_INVALID, "attach takes one node; `weir nodes` lists them");
	else if (c->words_n)
		e = find_node(c->words[0], dir, &socket);
	else
		socket = socket_of(c->config);
	code = e ? say_error(e, EXIT_USAGE)
		: attach(c, socket, dir, c->words_n ? c->words[0] : dir);
	free(socket);
	free(dir);
	return code;
}

static int run_nodes(struct call *c)
{
	char *dir = config_datadir(c->config);
	int code = nodes_main(dir, c->json);

	free(dir);
	return code;
}

static int run_status(struct call *c)
{
	char *socket = socket_of(c->config);
	int code = status_main(socket, c->json);

	free(socket);
	return code;
}

/* The node answers `stop` before it ends; a script that starts another one
 * next wants it gone. */
static int wait_for_end(const char *dir)
{
	for (int i = 0; i < (DRAIN_SECONDS + 5) * 20; i++) {
		if (!datadir_owner(dir))
			return EXIT_OK;
		poll(NULL, 0, 50);
	}
	fputs("weir: the node is still stopping\n", stderr);
	return EXIT_FAILED;
}

static bool is_gone(void *ctx)
{
	return !datadir_owner(ctx);
}

/* `weir drain then=restart --wait`: words are the command's. */
static int wait_for_drain(const char *socket, char *dir, int64_t ordered_ms, size_t n,
	char **words)
{
	struct command command = {0};
	struct err *e = command_parse(command_def(CMD_drain), words + 1, n - 1, &command);
	const char *then = e ? NULL : command_text(&command, "then");
	struct drain_wait w = {
		.socket = socket,
		.ordered_ms = ordered_ms,
		.answered_ms = clock_wall_ms(),
		.ends = then && !strcmp(then, "stop"),
		.restarts = then && !strcmp(then, "restart"),
		.is_gone = is_gone,
		.ctx = dir,
	};
	int code = e ? say_error(e, EXIT_FAILED) : drain_wait_main(&w);

	command_clear(&command);
	return code;
}

/* `weir drain_transcoder cpu0`: one of proto/commands.def. */
static int run_order(struct call *c)
{
	char *socket = socket_of(c->config), *dir = config_datadir(c->config);
	struct order_options o = {config_bool(c->config, OPT_READONLY), c->yes};
	char json[] = "format=json", csv[] = "format=csv", drift[] = "only=drift";
	char *words[COMMAND_ARGS_MAX * 2 + 4];
	int64_t began_ms = clock_wall_ms();
	enum command_id id;
	size_t n = 0;
	int code;

	while (n < ARRAY_SIZE(words) - 2 && n <= c->words_n) {
		words[n] = c->words[(ptrdiff_t)n - 1];
		n++;
	}
	/* Queries that have a format take it as an argument. */
	if (c->json || c->csv)
		words[n++] = c->json ? json : csv;
	if (c->drift)
		words[n++] = drift;
	id = command_find(c->name)->id;
	if (c->wait && id != CMD_drain)
		code = say_error(err_new(ERR_INVALID, "--wait is for drain"), EXIT_USAGE);
	else
		code = order_main(socket, &o, (int)n, words);
	if (code == EXIT_OK && id == CMD_stop)
		code = wait_for_end(dir);
	if (code == EXIT_OK && c->wait)
		code = wait_for_drain(socket, dir, began_ms, n, words);
	free(socket);
	free(dir);
	return code;
}

/* `weir unset` of what keeps the node from running needs none. */
static int run_command(struct call *c)
{
	char *dir = config_datadir(c->config);
	struct str told = STR_INIT;
	struct err *e;

	if (command_find(c->name)->id != CMD_unset || c->words_n != 1 || datadir_owner(dir)) {
		free(dir);
		return run_order(c);
	}
	e = settings_forget(dir, c->words[0], &told);
	print(&told);
	free(dir);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

/* The flags anew, with the config file that was just written. */
static struct err *start_over(struct call *c, const char *path)
{
	char weir[] = "weir", name[] = "-config", *file = xstrdup(path);
	char *const all[] = {weir, name, file}, *const *words = all + 1;
	struct err *e;

	restart_remember(3, all);
	config_free(c->config);
	c->config = config_new();
	e = config_load(c->config, 2, words, environ);
	free(file);
	return e;
}

/* Nobody has told this machine what it is: somebody is asked. */
static struct err *first_start(struct call *c)
{
	struct setup_io io = {ask_say, ask_answer, NULL};
	enum guide_choice choice;
	char *path;
	struct err *e = guide_first_start(c->config, &io, &choice, &path);

	if (!e && choice == GUIDE_SET_UP)
		e = start_over(c, path);
	else if (!e) /* a node without a role is none for `weir run` */
		restart_remember(0, NULL);
	free(path);
	return e;
}

/* Without a subcommand: a node, if none runs on this data directory, and its
 * console; without a terminal `weir run`. */
static int run_bare(struct call *c)
{
	char *dir = config_datadir(c->config);
	bool runs = datadir_owner(dir) != 0;
	struct err *e = NULL;

	free(dir);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return run_run(c);
	if (!runs && !config_serves(c->config))
		e = first_start(c);
	if (!e && !runs)
		e = daemon_launch(c->config);
	return e ? say_error(e, EXIT_FAILED) : run_attach(c);
}

static int run_setup(struct call *c)
{
	struct guide_order o = {c->words_n == 1 ? c->words[0] : NULL, c->output, c->dry_run};
	struct setup_io io = {ask_say, NULL, NULL};
	struct str text = STR_INIT;
	struct err *e = NULL;

	/* An earlier set-up's file has no part in this one. */
	for (size_t i = 0; i < OPT_COUNT && !config_is_set(c->config, OPT_CONFIG); i++)
		config_unset(c->config, i, ORIGIN_FILE);
	if (c->answers)
		e = config_read_file(c->config, c->answers);
	/* Answers in a file are all the answers. */
	if (!c->answers && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		io.ask = ask_answer;
	if (!e)
		e = guide_run(&o, c->config, &io, &text);
	print(&text);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	say_error(err_new(ERR_INVALID, "%s", text), 0);
}

static int run_account(struct call *c)
{
	struct account_order o = {
		.config = c->config,
		.words = c->words,
		.words_n = c->words_n,
		.password_file = c->password_file,
		.json = c->json,
	};
	struct str text = STR_INIT;
	struct err *e = account_run(&o, (struct remarks){say, NULL}, &text);

	print_safe(&text, c->json);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

static int run_import(struct call *c)
{
	char *dir = config_datadir(c->config);
	struct str report = STR_INIT;
	struct err *e = c->words_n == 1 ? import_livepeer(c->words[0], dir, &report)
		: err_new(ERR_INVALID, "import takes one directory: weir import "
			"~/.lpData/mainnet [-datadir ...]");

	print_safe(&report, false);
	free(dir);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

/* --- the wizard --- */

static void say_line(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static char *ask_line(void *ctx, const char *question)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	(void)ctx;
	fputs(question, stderr);
	n = getline(&line, &size, stdin);
	if (n < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static int migrate_with(struct migrate_options *o, bool json)
{
	const struct migrate_voice voice = {say_line, ask_line, NULL};
	struct migration_row report = {0};
	struct str text = STR_INIT;
	struct err *e;

	o->interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	e = migrate_run(o, &voice, &report);
	if (json)
		view_encode(migration_row_desc(), &report, &text);
	else
		migrate_print(&text, &report);
	if (json)
		str_addc(&text, '\n');
	print_safe(&text, json);
	view_clear(migration_row_desc(), &report);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

/* Its flags are its own; argv: what follows its name. */
static int main_migrate(int argc, char **argv)
{
	struct migrate_options o = {.from = NULL};
	struct str text = STR_INIT;
	bool json = false, help = false;
	struct err *e = migrate_read_args(&o, argc, argv, &json, &help);
	int code = EXIT_OK;

	if (e) {
		code = say_error(e, EXIT_USAGE);
	} else if (help) {
		migrate_help(&text);
		print(&text);
	} else {
		code = migrate_with(&o, json);
	}
	choices_clear(&o.choices);
	return code;
}

static int run_migrate(struct call *c)
{
	(void)c; /* main() has seen to it */
	return EXIT_USAGE;
}

static int run_info(struct call *c)
{
	static const char *const files[] = {DATADIR_DB, DATADIR_LOG, DATADIR_SOCKET,
		DATADIR_LOCK};
	static const char *const names[] = {"database", "log", "socket", "lock"};
	char *dir = config_datadir(c->config);
	pid_t pid = datadir_owner(dir);
	struct str text = STR_INIT;

	str_printf(&text, "data directory  %s\n", dir);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		str_printf(&text, "%-15s %s/%s\n", names[i], dir, files[i]);
	if (pid)
		str_printf(&text, "node            running, pid %d\n", (int)pid);
	else
		str_add(&text, "node            not running\n");
	str_add(&text, "roles           ");
	config_roles_text(&text, c->config);
	str_addc(&text, '\n');
	config_report(c->config, &text);
	print_safe(&text, false);
	free(dir);
	return EXIT_OK;
}

static int run_version(struct call *c)
{
	struct utsname u;

	(void)c;
	uname(&u);
	printf("weir %s\n%s, %s\n", WEIR_VERSION, u.sysname, u.machine);
	return EXIT_OK;
}

static void get_rows(struct usage_row rows[ARRAY_SIZE(subcommands)])
{
	static const struct {
		int (*run)(struct call *c);
		const char *words; /* that may follow */
	} words[] = {{run_account, "new|list|import|check"},
		{run_setup, "orchestrator|transcoder|broadcaster"},
		{run_completion, COMPLETION_SHELLS}};

	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++) {
		rows[i] = (struct usage_row){.name = subcommands[i].row.name,
			.help = subcommands[i].row.help};
		for (size_t k = 0; k < ARRAY_SIZE(words); k++)
			if (words[k].run == subcommands[i].run)
				rows[i].words = words[k].words;
	}
}

static int run_completion(struct call *c)
{
	struct usage_row rows[ARRAY_SIZE(subcommands)];
	struct str text = STR_INIT;

	get_rows(rows);
	if (c->words_n != 1 || !completion_script(c->words[0], &text, rows,
			ARRAY_SIZE(rows)))
		return say_error(err_new(ERR_INVALID, "completion takes one of "
			COMPLETION_SHELLS), EXIT_USAGE);
	print(&text);
	return EXIT_OK;
}

static int run_help(struct call *c)
{
	struct usage_row rows[ARRAY_SIZE(subcommands)];
	struct str text = STR_INIT;

	get_rows(rows);
	if (c->man)
		usage_man(&text, rows, ARRAY_SIZE(rows), keys_man);
	else
		usage_help(&text, rows, ARRAY_SIZE(rows), c->all);
	if (c->all && !c->man)
		keys_help(&text);
	print(&text);
	return EXIT_OK;
}

/* --- the command line --- */

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (strcmp(subcommands[i].row.name, name) == 0)
			return &subcommands[i];
	return NULL;
}

/* --password-file FILE or --password-file=FILE at argv[*i], and its like. */
static bool take_file(struct call *c, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		char **to;
	} files[] = {{"password-file", &c->password_file}, {"answers", &c->answers},
		{"output", &c->output}};
	char *arg = argv[*i] + strspn(argv[*i], "-");

	for (size_t f = 0; f < ARRAY_SIZE(files) && argv[*i][0] == '-'; f++) {
		size_t n = strlen(files[f].name);

		if (strncmp(arg, files[f].name, n) != 0)
			continue;
		if (arg[n] == '=')
			*files[f].to = arg + n + 1;
		else if (!arg[n] && *i + 1 < argc)
			*files[f].to = argv[++*i];
		else
			continue;
		return true;
	}
	return false;
}

/* What is no secret by now to whoever looked in time need not stay where `ps`
 * shows it. The names of files may. */
static void hide_secrets(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char *name = argv[i] + strspn(argv[i], "-"), *value = strchr(name, '=');
		char *copy = xstrndup(name, value ? (size_t)(value - name) : strlen(name));
		const struct option *o = option_find(copy);

		free(copy);
		value = value ? value + 1 : i + 1 < argc ? argv[i + 1] : NULL;
		if (argv[i][0] == '-' && o && o->type == OPTION_SECRET && value &&
			access(value, F_OK) != 0)
			memset(value, '*', strlen(value));
	}
}

/* Takes the program's own switches, which are no flags of a node, out of the
 * flags; what is left is the config's. */
static int take_switches(struct call *c, int argc, char **argv)
{
	const struct {
		const char *name;
		bool *to;
	} switches[] = {{"json", &c->json}, {"csv", &c->csv},
		{"yes", &c->yes}, {"all", &c->all}, {"man", &c->man}, {"drift", &c->drift},
		{"wait", &c->wait}, {"dry-run", &c->dry_run}};
	int left = 0;

	for (int i = 0; i < argc; i++) {
		bool taken = take_file(c, argc, argv, &i);

		for (size_t s = 0; s < ARRAY_SIZE(switches) && argv[i][0] == '-'; s++)
			if (strcmp(argv[i] + 1 + (argv[i][1] == '-'), switches[s].name) == 0)
				taken = *switches[s].to = true;
		if (!taken)
			argv[left++] = argv[i];
	}
	return left;
}

/* Go's flag package answers these wherever they stand. */
static const struct subcommand *asked_instead(int argc, char **argv, struct call *c)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name = argv[i];

		if (*name != '-')
			continue;
		name += 1 + (name[1] == '-');
		c->all = strcmp(name, "help-all") == 0;
		if (c->all || strcmp(name, "h") == 0 || strcmp(name, "help") == 0)
			return find("help");
		if (strcmp(name, "version") == 0)
			return find("version");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct subcommand *sub = NULL, *instead;
	struct call c = {.name = ""};
	struct err *e;
	int i = 1, code;

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "gpus") == 0)
		return gpu_watch_main(argc, argv);
	crash_install("weir " WEIR_VERSION);
	restart_remember(argc, argv);
	if (argc > 1 && strcmp(argv[1], "migrate") == 0)
		return main_migrate(argc - 2, argv + 2);
	if (argc > 1 && argv[1][0] != '-') {
		c.name = argv[i++];
		sub = find(c.name);
		if (!sub && !command_find(c.name))
			return say_error(err_new(ERR_INVALID, "\"%s\" is no subcommand or "
				"command; `weir help` lists them", c.name), EXIT_USAGE);
	}
	c.words = argv + i;
	while (i < argc && argv[i][0] != '-')
		i++;
	c.words_n = (size_t)(argv + i - c.words);
	argc = take_switches(&c, argc - i, argv + i);
	if (c.words_n && (sub ? !sub->takes_words : !*c.name))
		return say_error(err_new(ERR_INVALID, "unexpected argument \"%s\": flags "
			"begin with a dash", c.words[0]), EXIT_USAGE);
	instead = asked_instead(argc, argv + i, &c);
	if (!instead && sub && sub->run == run_help)
		instead = sub;
	if (instead)
		return instead->run(&c);
	c.config = config_new();
	e = config_load(c.config, argc, argv + i, environ);
	hide_secrets(argc, argv + i);
	if (e)
		code = say_error(e, EXIT_USAGE);
	else
		code = sub ? sub->run(&c) : *c.name ? run_command(&c)
			: run_bare(&c);
	config_free(c.config);
	return code;
}
