/* Which directories a migration is about, and where its record is. The same two
 * directories are the same migration, whatever links they were named by. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/wizard/migration.h"
#include "src/migrate/tree.h"

/* What is there is resolved, and what is not yet is added to it. */
static struct err *absolute(const char *path, char **out)
{
	char real[PATH_MAX], *copy = xstrdup(path), *slash;
	struct str rest = STR_INIT;

	*out = NULL;
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	while (!realpath(*copy ? copy : "/", real)) {
		struct str more = STR_INIT;

		slash = strrchr(copy, '/');
		if (errno != ENOENT || !*copy || !strcmp(copy, ".") || !strcmp(copy, "..") ||
			(slash && (!strcmp(slash, "/..") || !strcmp(slash, "/.")))) {
			free(copy);
			str_clear(&rest);
			return err_sys(errno, "%s", path);
		}
		str_printf(&more, "/%s%s", slash ? slash + 1 : copy, str_cstr(&rest));
		str_clear(&rest);
		rest = more;
		if (slash)
			*slash = '\0';
		else
			memcpy(copy, ".", 2);
	}
	free(copy);
	copy = str_take(&rest);
	str_printf(&rest, "%s%s", strcmp(real, "/") != 0 || !*copy ? real : "", copy);
	free(copy);
	*out = str_take(&rest);
	return NULL;
}

static bool is_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

static struct err *check_apart(const struct migration *m)
{
	if (is_within(m->to, m->from) || is_within(m->from, m->to))
		return err_new(ERR_INVALID, "--to %s and --from %s lie within each other: the old "
			"directory is not to be changed, so choose a new one beside it", m->to,
			m->from);
	if (is_within(m->backup, m->from) || is_within(m->backup, m->to))
		return err_new(ERR_INVALID, "the backup %s would lie in one of the data "
			"directories: choose another place for it (backup DIR)", m->backup);
	return NULL;
}

static void make_id(struct migration *m)
{
	char sum[SHA256_TEXT_SIZE];
	struct sha256 s;

	sha256_begin(&s);
	sha256_add(&s, m->from, strlen(m->from) + 1);
	sha256_add(&s, m->to, strlen(m->to));
	sha256_end(&s, sum);
	memcpy(m->id, sum, MIGRATION_ID_SIZE - 1);
}

static struct err *place_backup(struct migration *m, const char *state)
{
	const char *chosen = choices_own(&m->choices, CHOICE_BACKUP);
	struct str s = STR_INIT;
	struct err *e;

	str_printf(&s, "%s/%s%s", chosen ? chosen : state, chosen ? "weir-backup-" : "", m->id);
	if (!chosen)
		str_add(&s, ".backup");
	e = absolute(s.s, &m->backup);
	str_clear(&s);
	return e;
}

struct err *migration_find_paths(struct migration *m)
{
	char *state = record_directory();
	struct str s = STR_INIT;
	struct err *e = absolute(m->o->from, &m->from);
	struct stat st;

	if (!e && (stat(m->from, &st) != 0 || !S_ISDIR(st.st_mode)))
		e = err_new(ERR_NOT_FOUND, "--from %s: there is no such directory", m->o->from);
	if (!e)
		e = absolute(m->o->to, &m->to);
	if (!e && (!utf8_valid(m->from, strlen(m->from)) || !utf8_valid(m->to, strlen(m->to)) ||
		strpbrk(m->from, "\n\r") || strpbrk(m->to, "\n\r#")))
		e = err_new(ERR_INVALID, "a directory's name is no text that a configuration can "
			"hold: reach it by a link of another name");
	if (!e)
		make_id(m);
	str_printf(&s, "%s/%s.json", state, m->id);
	m->record_path = str_take(&s);
	str_printf(&s, "%s/%s.trial", state, m->id);
	m->trial_path = str_take(&s);
	str_printf(&s, "%s/%s", m->to ? m->to : "", MIGRATION_CONFIG);
	m->config_path = str_take(&s);
	if (!e)
		e = place_backup(m, state);
	free(state);
	return e ? e : check_apart(m);
}
