/* How an alpha's node was started, in any bytes: a unit, a script, the arguments
 * of a process. Read or refused; and weir reads the configuration that comes of
 * it, in which no text of elsewhere has become a setting that is not the flag's. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/migrate/new_config.h"
#include "src/node/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_set_by(const struct old_flags *f, enum option_id id)
{
	for (size_t i = 0; i < f->n_settings; i++)
		if (f->settings[i].id == id)
			return true;
	return false;
}

static void write_and_read(const struct old_flags *f)
{
	const struct new_config none = { .network = NULL };
	struct config *c = config_new();
	struct str text = STR_INIT;
	struct err *e = new_config_write(f, &none, &text);

	assert(!e);
	e = config_read_text(c, "weir.conf", text.s, text.len);
	assert(!e);
	for (enum option_id id = 0; id < OPT_COUNT; id++)
		assert(!config_is_set(c, id) || is_set_by(f, id));
	str_truncate(&text, 0);
	new_config_missing(f, &none, &text);
	str_clear(&text);
	config_free(c);
}

static void check(struct err *e, struct old_flags *f)
{
	char *dir;

	assert(!e == !!f);
	err_free(e);
	if (!f)
		return;
	for (size_t i = 0; i < f->n_flags; i++)
		assert(f->flags[i].comment && f->flags[i].value);
	dir = old_flags_datadir(f, "/home/a");
	free(dir);
	write_and_read(f);
	old_flags_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct old_flags *f;
	struct err *e;

	e = old_flags_from_unit(text, size, OLD_LINE_ALPHA, &f);
	check(e, f);
	e = old_flags_from_shell(text, size, OLD_LINE_0_4, &f);
	check(e, f);
	e = old_flags_from_cmdline(text, size, OLD_LINE_ALPHA, &f);
	check(e, f);
	return 0;
}
