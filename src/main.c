/* weir: one binary. This file is the table of subcommands; each is a few lines of
 * src/cli that call what does the work. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "proto/command.h"
#include "src/base/crash.h"
#include "src/cli/call.h"
#include "src/media/gpu_watch.h"
#include "src/media/pool.h"
#include "src/node/completion.h"
#include "src/node/daemon.h"
#include "src/node/restart.h"
#include "src/node/usage.h"
#include "src/wizard/wizard.h"
#include "ui/keys_help.h"
#include "ui/say.h"

extern char **environ;

static int run_migrate(struct call *c);
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
	unsigned switches;
} subcommands[] = {
	{{"run", "run a node in the foreground, without a console"}, cli_run, false, 0},
	{{"attach", "show the node of this data directory, or of a name or path: attach "
		"[NODE]"}, cli_attach, true, 0},
	{{"nodes", "list the nodes there are, near and forwarded; --json"}, cli_nodes, false,
		SWITCH_JSON},
	{{"status", "print what the console shows; --json for all of it"}, cli_status, false,
		SWITCH_JSON},
	{{"account", "new, list, import [FILE], check [ADDRESS|FILE]: keyfiles of ETH "
		"accounts; --password-file FILE, --json"}, cli_account, true,
		SWITCH_JSON | SWITCH_PASSWORD_FILE},
	{{"setup", "orchestrator, transcoder, broadcaster: make the config file of one, from flags "
		"or --answers FILE; --output FILE, --dry-run"}, cli_setup, true,
		SWITCH_ANSWERS | SWITCH_OUTPUT | SWITCH_DRY_RUN},
	{{"import", "take over tickets, locks and keys of a go-livepeer data directory"},
		cli_import, true, 0},
	{{"migrate", "take a node of the Livepeer alpha to Streamflow; --help"}, run_migrate, true,
		0},
	{{"info", "print the paths and settings a node with these flags has"}, cli_info, false,
		0},
	{{"version", "print the version"}, run_version, false, 0},
	{{"completion", "print what completes these words: completion " COMPLETION_SHELLS},
		run_completion, true, 0},
	{{"help", "print this; of one word: help bond; --all adds the console's keys and "
		"go-livepeer's other flags"}, run_help, true, SWITCH_ALL | SWITCH_MAN},
};

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (strcmp(subcommands[i].row.name, name) == 0)
			return &subcommands[i];
	return NULL;
}

static int run_migrate(struct call *c)
{
	(void)c; /* main() has seen to it */
	return EXIT_USAGE;
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
	} words[] = {{cli_account, "new|list|import|check"},
		{cli_setup, "orchestrator|transcoder|broadcaster"},
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
	call_print(&text);
	return EXIT_OK;
}

/* On one word; false: there is no more to say of it than of all. */
static bool help_on(const char *name, struct str *out)
{
	const struct command_def *d = command_find(name);
	const struct subcommand *sub = find(name);

	if (d)
		usage_command(out, d);
	else if (sub && sub->run != run_help && sub->run != cli_run)
		str_printf(out, "weir %s: %s\n\n`weir help` lists the flags.\n", name,
			sub->row.help);
	return out->len > 0;
}

static void add_man_sections(struct str *out)
{
	keys_man(out);
	migrate_man(out);
}

static int run_help(struct call *c)
{
	bool all = call_has(c, SWITCH_ALL), man = call_has(c, SWITCH_MAN);
	bool is_asked = !strcmp(c->name, "help");
	char migrate_help[] = "--help";
	const char *on = !is_asked ? c->name : c->words_n == 1 ? c->words[0] : "";
	struct usage_row rows[ARRAY_SIZE(subcommands)];
	struct str text = STR_INIT;

	if (is_asked && c->words_n && !command_find(on) && !find(on))
		return say_error(err_new(ERR_INVALID, "help is about one subcommand or command; "
			"`weir help` lists them"), EXIT_USAGE);
	get_rows(rows);
	if (find(on) && find(on)->run == run_migrate)
		return cli_migrate(1, (char *[]){migrate_help});
	if (man)
		usage_man(&text, rows, ARRAY_SIZE(rows), add_man_sections);
	else if (all || !help_on(on, &text))
		usage_help(&text, rows, ARRAY_SIZE(rows), all);
	if (all && !man)
		keys_help(&text);
	call_print(&text);
	return EXIT_OK;
}

/* --- the command line --- */

static bool is_help(const char *flag)
{
	return !strcmp(flag, "h") || !strcmp(flag, "help") || !strcmp(flag, "help-all");
}

/* Go's flag package answers these wherever they stand. */
static const struct subcommand *asked_instead(int argc, char **argv, struct call *c)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name = argv[i];

		if (*name != '-')
			continue;
		name += 1 + (name[1] == '-');
		if (strcmp(name, "help-all") == 0)
			c->switches |= SWITCH_ALL;
		if (is_help(name))
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
		return cli_migrate(argc - 2, argv + 2);
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
	argc = call_take_switches(&c, argc - i, argv + i);
	if (c.words_n && (sub ? !sub->takes_words : !*c.name))
		return say_error(err_new(ERR_INVALID, "unexpected argument \"%s\": flags "
			"begin with a dash", c.words[0]), EXIT_USAGE);
	instead = asked_instead(argc, argv + i, &c);
	if (!instead && sub && sub->run == run_help)
		instead = sub;
	if (instead)
		return instead->run(&c);
	e = call_check_switches(&c, sub ? sub->switches
		: *c.name ? cli_command_switches(&c) : 0);
	if (e)
		return say_error(e, EXIT_USAGE);
	c.config = config_new();
	e = config_load(c.config, argc, argv + i, environ);
	call_hide_secrets(argc, argv + i);
	if (e)
		code = say_error(e, EXIT_USAGE);
	else
		code = sub ? sub->run(&c) : *c.name ? cli_command(&c)
			: cli_bare(&c);
	config_free(c.config);
	return code;
}
