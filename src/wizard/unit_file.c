#include "src/wizard/unit_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/migrate/tree.h"
#include "src/node/datadir.h"

#define UNIT_MAX (64u << 10)
#define NAME "weir.service"

/* free() it. */
static char *unit_path(const char *chosen)
{
	const char *home = getenv("HOME");
	struct str s = STR_INIT;

	if (!strcmp(chosen, "user"))
		str_printf(&s, "%s/.config/systemd/user/" NAME, home && *home ? home : "/root");
	else if (!strcmp(chosen, "system"))
		str_add(&s, "/etc/systemd/system/" NAME);
	else
		str_add(&s, chosen);
	return str_take(&s);
}

static bool is_of_user(const char *path)
{
	return strstr(path, "/systemd/user/");
}

/* In double quotes, as systemd.syntax(7) reads them; % would be a specifier. */
static void add_quoted(struct str *out, const char *path)
{
	str_addc(out, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			str_addc(out, '\\');
		if (*path == '%' || *path == '$')
			str_addc(out, *path);
		str_addc(out, *path);
	}
	str_addc(out, '"');
}

static struct err *find_self(char out[static PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);

	if (n <= 0)
		return err_sys(errno, "/proc/self/exe");
	out[n] = '\0';
	return NULL;
}

static struct err *compose(const struct migration *m, const char *path, struct str *out)
{
	char self[PATH_MAX];
	struct err *e = find_self(self);

	if (e)
		return e;
	str_add(out, "# Written by `weir migrate`.\n[Unit]\n"
		"Description=weir, a node of the Livepeer video network\n"
		"Documentation=man:weir(1)\nWants=network-online.target\n"
		"After=network-online.target\n\n[Service]\nType=notify\nNotifyAccess=main\n"
		"ExecStart=");
	add_quoted(out, self);
	str_add(out, " run -config ");
	add_quoted(out, m->config_path);
	str_printf(out, "\n# SIGTERM drains for ten seconds; 3 says that it was cut off.\n"
		"TimeoutStopSec=20\nSuccessExitStatus=3\nRestart=on-failure\nRestartSec=2\n"
		"RestartPreventExitStatus=2\nLimitNOFILE=65536\nLimitMEMLOCK=320M\n"
		"# Where the configuration names no file with the account's password:\n"
		"#LoadCredential=ethPassword:/path/of/a/file\nNoNewPrivileges=yes\n\n"
		"[Install]\nWantedBy=%s\n", is_of_user(path) ? "default.target"
		: "multi-user.target");
	return NULL;
}

static const char *chosen(const struct migration *m)
{
	const char *unit = choices_own(&m->choices, CHOICE_UNIT);

	return unit && strcmp(unit, "none") != 0 ? unit : NULL;
}

/* *there: a file is; the error: it is not ours. */
static struct err *compare(const struct migration *m, const char *path, bool *there)
{
	struct str now = STR_INIT, ours = STR_INIT;
	struct err *e = file_read(path, UNIT_MAX, &now);

	*there = !e;
	if (e && err_kind(e) == ERR_NOT_FOUND) {
		err_free(e);
		return NULL;
	}
	if (!e)
		e = compose(m, path, &ours);
	if (!e && strcmp(str_cstr(&now), str_cstr(&ours)) != 0)
		e = err_new(ERR_DENIED, "%s is there already, and another: give the unit the path "
			"of a new file", path);
	str_clear(&now);
	str_clear(&ours);
	return e;
}

struct err *unit_check(struct migration *m)
{
	char *path = chosen(m) ? unit_path(chosen(m)) : NULL;
	bool there;
	struct err *e = path ? compare(m, path, &there) : NULL;

	free(path);
	return e;
}

/* A user's directory for units may not be there yet; the system's is. */
static struct err *make_directory(const char *path)
{
	char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	struct err *e = is_of_user(path) ? datadir_make(dir) : NULL;

	free(dir);
	return e;
}

static void tell_how(struct str *detail, const char *path)
{
	const char *name = strrchr(path, '/') + 1, *user = is_of_user(path) ? " --user" : "";

	str_printf(detail, "%s; when you want it: systemctl%s daemon-reload, systemctl%s enable "
		"--now %s", path, user, user, name);
	if (is_of_user(path))
		str_add(detail, ", and loginctl enable-linger, so that it runs while nobody is "
			"logged in");
}

struct err *unit_write(struct migration *m, struct str *detail,
	char sum[static SHA256_TEXT_SIZE])
{
	char *path = unit_path(chosen(m));
	struct str text = STR_INIT;
	struct sha256 s;
	bool there;
	struct err *e = compare(m, path, &there);

	if (!e)
		e = compose(m, path, &text);
	if (!e)
		e = make_directory(path);
	if (!e && !there)
		e = file_write(path, text.s, text.len, 0644);
	sha256_begin(&s);
	sha256_add(&s, str_cstr(&text), text.len);
	sha256_end(&s, sum);
	tell_how(detail, path);
	str_clear(&text);
	free(path);
	return e;
}

struct err *unit_take_away(struct migration *m)
{
	const struct migration_line *begun = record_last(m->record, "begun", "unit");
	char *path = begun && chosen(m) ? unit_path(chosen(m)) : NULL;
	bool there = false;
	struct err *e = path ? compare(m, path, &there) : NULL;

	if (e) {
		migration_remark(m, "warn", "unit", "%s, and is left as it is", err_text(e));
		err_free(e);
		e = NULL;
	} else if (there && m->o->dry_run) {
		migration_say(m, "%s would be deleted", path);
	} else if (there && unlink(path) != 0) {
		e = err_sys(errno, "%s", path);
	}
	free(path);
	return e;
}
