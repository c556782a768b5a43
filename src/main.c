/* weir: one binary. This file is the table of subcommands and what each of
 * them calls; flags without a subcommand mean "start a node if none runs for
 * this data directory, and show it". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/command.h"
#include "src/base/crash.h"
#include "src/media/pool.h"
#include "src/node/config.h"
#include "src/node/daemon.h"
#include "src/node/datadir.h"
#include "src/node/usage.h"
#include "ui/console.h"

extern char **environ;

struct subcommand {
	const char *name, *help;
	int (*run)(int argc, char **argv); /* argv[0] is the name */
};
static const struct subcommand subcommands[];
static void fill_usage(struct usage_row *rows, size_t *n);

/* --- configuration --- */

static int usage_error(struct err *taken)
{
	fprintf(stderr, "weir: %s\n", err_text(taken));
	err_free(taken);
	return EXIT_USAGE;
}

/* Takes the words "-name" and "--name" out of argv. */
static bool take_word(int *argc, char **argv, const char *name)
{
	bool found = false;
	int n = 0;

	for (int i = 0; i < *argc; i++) {
		const char *a = argv[i];

		if (i && a[0] == '-' && !strcmp(a + 1 + (a[1] == '-'), name))
			found = true;
		else
			argv[n++] = argv[i];
	}
	*argc = n;
	argv[n] = NULL;
	return found;
}

/* The flags after argv[0]; NULL after a message on stderr. */
static struct config *load(int argc, char **argv)
{
	struct config *c = config_new();
	struct err *e = config_load(c, argc - 1, argv + 1, environ);

	if (!e)
		return c;
	usage_error(e);
	config_free(c);
	return NULL;
}

static char *socket_of(const struct config *c)
{
	char *dir = config_datadir(c);
	char *path = datadir_file(dir, DATADIR_SOCKET);

	free(dir);
	return path;
}

/* --- the console --- */

static int show(const struct config *c)
{
	char *socket = socket_of(c), *dir = config_datadir(c);
	const char *script = config_text(c, OPT_SCRIPT);
	const char *color = config_text(c, OPT_COLOR);
	struct console_options o = {
		.socket = socket,
		.label = dir,
		.script = *script ? script : NULL,
		.readonly = config_bool(c, OPT_READONLY),
		.ascii = config_bool(c, OPT_ASCII),
		.color = !strcmp(color, "never") ? COLOR_NEVER
			: !strcmp(color, "16") ? COLOR_FORCE_16
			: !strcmp(color, "256") ? COLOR_FORCE_256 : COLOR_AUTO,
	};
	int status = console_main(&o);

	free(socket);
	free(dir);
	return status;
}

static int on_attach(int argc, char **argv)
{
	struct config *c = load(argc, argv);
	int status = c ? show(c) : EXIT_USAGE;

	config_free(c);
	return status;
}

static int on_status(int argc, char **argv)
{
	bool json = take_word(&argc, argv, "json");
	struct config *c = load(argc, argv);
	char *socket = c ? socket_of(c) : NULL;
	int status = c ? status_main(socket, json) : EXIT_USAGE;

	free(socket);
	config_free(c);
	return status;
}

/* "weir drain_transcoder cpu0 -datadir D": words, then flags. */
static int on_command(int argc, char **argv)
{
	int words = 1, status;
	struct config *c;
	char *socket;

	while (words < argc && argv[words][0] != '-')
		words++;
	c = load(argc - words + 1, argv + words - 1);
	if (!c)
		return EXIT_USAGE;
	socket = socket_of(c);
	status = command_main(socket, words, argv);
	free(socket);
	config_free(c);
	return status;
}

/* --- the node --- */

static int on_run(int argc, char **argv)
{
	struct config *c = load(argc, argv);
	int status;

	if (!c)
		return EXIT_USAGE;
	status = daemon_run(c);
	config_free(c);
	return status;
}

/* No subcommand. Without a terminal this is `weir run`. */
static int on_bare(int argc, char **argv)
{
	struct config *c;
	struct str text = STR_INIT;
	struct err *e = NULL;
	char *dir;
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return on_run(argc, argv);
	c = load(argc, argv);
	if (!c)
		return EXIT_USAGE;
	dir = config_datadir(c);
	if (!datadir_owner(dir) && !config_roles(c)) {
		usage_start(&text);
		fputs(str_cstr(&text), stderr);
		str_clear(&text);
		status = EXIT_USAGE;
	} else {
		if (!datadir_owner(dir))
			e = daemon_launch(c);
		if (e)
			fprintf(stderr, "weir: %s\n", err_text(e));
		status = e ? EXIT_FAILED : show(c);
		err_free(e);
	}
	free(dir);
	config_free(c);
	return status;
}

/* --- about weir --- */

static int on_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("weir " WEIR_VERSION);
	return EXIT_OK;
}

static int on_info(int argc, char **argv)
{
	struct config *c = load(argc, argv);
	struct str report = STR_INIT;
	char *dir, *socket;

	if (!c)
		return EXIT_USAGE;
	dir = config_datadir(c);
	socket = socket_of(c);
	config_report(c, &report);
	printf("version    " WEIR_VERSION "\ndatadir    %s\ndatabase   %s/"
		DATADIR_DB "\nsocket     %s\nlog        %s/" DATADIR_LOG
		"\nnode       ", dir, dir, socket, dir);
	if (datadir_owner(dir))
		printf("running, pid %d\n", (int)datadir_owner(dir));
	else
		puts("not running");
	fputs(str_cstr(&report), stdout);
	str_clear(&report);
	free(socket);
	free(dir);
	config_free(c);
	return EXIT_OK;
}

/* Also the sources of the manual page and the completion. */
static int on_help(int argc, char **argv)
{
	struct usage_row rows[16];
	struct str text = STR_INIT;
	size_t n = 0;

	fill_usage(rows, &n);
	if (take_word(&argc, argv, "man"))
		usage_man(&text, rows, n);
	else if (take_word(&argc, argv, "completion"))
		usage_completion(&text, rows, n);
	else
		usage_help(&text, rows, n, take_word(&argc, argv, "all") ||
			!strcmp(argv[0], "help-all"));
	fputs(str_cstr(&text), stdout);
	str_clear(&text);
	return EXIT_OK;
}

static const struct subcommand subcommands[] = {
	{"run", "run a node in the foreground, for systemd and containers",
		on_run},
	{"attach", "show the node that runs on this data directory", on_attach},
	{"status", "print what the console shows, or with -json all of it",
		on_status},
	{"info", "print paths and what is configured where", on_info},
	{"version", "print the version", on_version},
	{"help", "this text; -all with every flag of go-livepeer, -man, "
		"-completion", on_help},
};

static void fill_usage(struct usage_row *rows, size_t *n)
{
	for (*n = 0; *n < ARRAY_SIZE(subcommands); (*n)++)
		rows[*n] = (struct usage_row){subcommands[*n].name,
			subcommands[*n].help};
}

static bool asks_for(const char *arg, const char *flag)
{
	return arg[0] == '-' && !strcmp(arg + 1 + (arg[1] == '-'), flag);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "worker"))
		return worker_main(argc, argv);
	crash_install("weir " WEIR_VERSION);
	if (argc < 2 || (argv[1][0] == '-' && !asks_for(argv[1], "help") &&
			!asks_for(argv[1], "h") &&
			!asks_for(argv[1], "help-all") &&
			!asks_for(argv[1], "version")))
		return on_bare(argc, argv);
	argc--, argv++;
	while (argv[0][0] == '-')
		argv[0]++;
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++) {
		if (!strcmp(argv[0], subcommands[i].name))
			return subcommands[i].run(argc, argv);
	}
	if (!strcmp(argv[0], "h") || !strcmp(argv[0], "help-all"))
		return on_help(argc, argv);
	if (command_find(argv[0]))
		return on_command(argc, argv);
	fprintf(stderr, "weir: no subcommand or command \"%s\"; `weir help` "
		"lists them\n", argv[0]);
	return EXIT_USAGE;
}
