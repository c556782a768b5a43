/* A node, its console, both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/cli/call.h"
#include "src/node/daemon.h"
#include "src/node/datadir.h"
#include "src/node/guide.h"
#include "src/node/restart.h"
#include "src/node/usage.h"
#include "ui/ask.h"
#include "ui/console.h"
#include "ui/nodes.h"
#include "ui/say.h"

extern char **environ;

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

static int attach(struct call *c, const char *socket, const char *dir, const char *label,
	const char *roles)
{
	const char *script = config_text(c->config, OPT_SCRIPT);
	const char *color = config_text(c->config, OPT_COLOR);
	struct console_options o = {
		.socket = socket,
		.datadir = dir,
		.label = label,
		.roles = roles,
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

int cli_attach(struct call *c)
{
	char *dir = config_datadir(c->config), *socket = NULL;
	struct str roles = STR_INIT;
	struct err *e = NULL;
	int code;

	if (!c->words_n)
		config_roles_text(&roles, c->config);
	if (c->words_n > 1)
		e = err_new(ERR_INVALID, "attach takes one node; `weir nodes` lists them");
	else if (c->words_n)
		e = find_node(c->words[0], dir, &socket);
	else
		socket = call_socket(c);
	code = e ? say_error(e, EXIT_USAGE)
		: attach(c, socket, dir, c->words_n ? c->words[0] : dir, roles.s);
	str_clear(&roles);
	free(socket);
	free(dir);
	return code;
}

int cli_nodes(struct call *c)
{
	char *dir = config_datadir(c->config);
	int code = nodes_main(dir, call_has(c, SWITCH_JSON));

	free(dir);
	return code;
}

int cli_status(struct call *c)
{
	char *socket = call_socket(c);
	int code = status_main(socket, call_has(c, SWITCH_JSON));

	free(socket);
	return code;
}

int cli_run(struct call *c)
{
	struct str text = STR_INIT;

	if (config_serves(c->config))
		return daemon_run(c->config);
	usage_start(&text);
	fputs(text.s, stderr);
	str_clear(&text);
	return EXIT_USAGE;
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

int cli_bare(struct call *c)
{
	char *dir = config_datadir(c->config);
	bool runs = datadir_owner(dir) != 0;
	struct err *e = NULL;

	free(dir);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_run(c);
	if (!runs && !config_serves(c->config))
		e = first_start(c);
	if (!e && !runs)
		e = daemon_launch(c->config);
	return e ? say_error(e, EXIT_FAILED) : cli_attach(c);
}
