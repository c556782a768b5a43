#include "src/node/restart.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/str.h"
#include "src/model/options.h"
#include "src/node/passphrase.h"

#define SELF "/proc/self/exe"

static struct {
	char *exe;	/* where the program lay; NULL: not known */
	char **argv;	/* "weir", "run", the flags; NULL ends; NULL: not known */
	bool had_password; /* -ethPassword was the password, and is not kept */
} how;

/* Where the value of -ethPassword begins in argv[i], or that argv[i + 1] is it. */
static bool is_password(const char *arg, const char **value)
{
	const char *name = arg + strspn(arg, "-"), *eq = strchr(name, '=');
	char *copy = xstrndup(name, eq ? (size_t)(eq - name) : strlen(name));
	const struct option *o = *arg == '-' ? option_find(copy) : NULL;

	free(copy);
	*value = eq ? eq + 1 : NULL;
	return o && o->id == OPT_ETH_PASSWORD;
}

/* Whether a password is among the flags, and not the name of a file that can be
 * read again (a pipe cannot). */
static bool has_password(int argc, char *const *argv)
{
	for (int i = 0; i < argc; i++) {
		const char *value;
		struct stat st;

		if (!is_password(argv[i], &value))
			continue;
		value = value ? value : i + 1 < argc ? argv[i + 1] : NULL;
		if (value && *value && (stat(value, &st) != 0 || !S_ISREG(st.st_mode)))
			return true;
	}
	return false;
}

static void remember_exe(void)
{
	static const char gone[] = " (deleted)";
	char path[PATH_MAX];
	ssize_t n = readlink(SELF, path, sizeof(path) - 1);

	if (n <= 0)
		return;
	path[n] = '\0';
	how.exe = xstrdup(str_has_suffix(path, gone) ? SELF : path);
}

static void forget(void)
{
	for (size_t i = 0; how.argv && how.argv[i]; i++)
		free(how.argv[i]);
	free(TAKE(how.argv));
	free(TAKE(how.exe));
}

void restart_remember(int argc, char *const *argv)
{
	int first = 1, n = 0;

	forget();
	remember_exe();
	while (first < argc && argv[first][0] != '-')
		first++;
	how.had_password = has_password(argc, argv);
	if (how.had_password || !how.exe || argc < 1)
		return;
	how.argv = xcalloc((size_t)argc + 2, sizeof(*how.argv));
	how.argv[n++] = xstrdup(argv[0]);
	how.argv[n++] = xstrdup("run");
	for (int i = first; i < argc; i++)
		how.argv[n++] = xstrdup(argv[i]);
}

static struct err *needs_password(const char *why)
{
	return err_new(ERR_DENIED, "a restart needs the account's password, which %s and is kept "
		"nowhere: give -ethPassword the name of a file that holds it, or stop the node "
		"and start it by hand", why);
}

struct err *restart_check(void)
{
	if (how.had_password)
		return needs_password("was an argument or came through a pipe");
	if (passphrase_was_asked())
		return needs_password("was typed");
	if (!how.argv)
		return err_new(ERR_INVALID, "it is not known how this node was started: stop "
			"it and start it by hand");
	return NULL;
}

struct err *restart_exec(void)
{
	struct err *e = restart_check();

	if (e)
		return e;
	execv(how.exe, how.argv);
	/* Moved away meanwhile: what runs is still there. */
	if (errno == ENOENT)
		execv(SELF, how.argv);
	return err_sys(errno, "restart: %s", how.exe);
}
