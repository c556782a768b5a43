/* `alpha_history`: what a migration archived of the alpha's jobs, a page at a
 * time. The archive is opened for each answer: it is looked at now and then. */
#include <stdlib.h>
#include <string.h>

#include "db/archive.h"
#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "src/node/config.h"
#include "src/node/datadir.h"
#include "src/node/listing.h"

#define PAGE 50 /* rows, unless told */

/* Names of tables are words of commands.def in lower case. */
static enum alpha_table table_of(const char *word)
{
	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		if (strcasecmp(alpha_table_name(t), word) == 0)
			return t;
	return ALPHA_JOBS;
}

struct page {
	struct listing *listing;
	enum alpha_table table;
};

/* Whatever a database of the alpha held: its bytes are made text here. */
static void add_cell(struct listing *l, const char *text)
{
	struct str safe = STR_INIT;

	if (text)
		str_add_safe(&safe, text, strlen(text), ALPHA_TEXT_MAX);
	listing_add(l, str_cstr(&safe));
	str_clear(&safe);
}

static struct err *add_row(void *ctx, const struct archive_row *row)
{
	struct page *p = ctx;

	listing_addf(p->listing, "%lld", (long long)row->id);
	for (size_t i = 0; alpha_column(p->table, i); i++)
		add_cell(p->listing, row->v[i]);
	add_cell(p->listing, row->doubts);
	add_cell(p->listing, row->source);
	return NULL;
}

static struct err *read_page(struct page *p, const char *path, const struct command *c)
{
	const union command_value *before = command_value(c, "before"),
				  *rows = command_value(c, "rows");
	struct archive *a;
	struct err *e = archive_open_existing(path, &a);

	if (e && err_kind(e) == ERR_NOT_FOUND) {
		err_free(e);
		return err_new(ERR_NOT_FOUND, "no history of the alpha was archived here; "
			"`weir migrate` does that");
	}
	if (e)
		return e;
	e = archive_page(a, p->table, before ? before->number : 0,
		rows ? (size_t)rows->number : PAGE, add_row, p);
	archive_close(a);
	return e;
}

void cmd_alpha_history(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *columns[ALPHA_COLUMNS_MAX + 4] = { "row" };
	struct page p = { .table = table_of(command_text(c, "table")) };
	char *dir = config_datadir(t->config), *path = datadir_file(dir, ARCHIVE_FILE);
	struct str text = STR_INIT;
	struct err *e;
	size_t n = 1;

	for (size_t i = 0; alpha_column(p.table, i); i++)
		columns[n++] = alpha_column(p.table, i)->name;
	columns[n++] = "doubts";
	columns[n] = "source";
	p.listing = listing_new(columns);
	e = read_page(&p, path, c);
	if (!e)
		listing_write(p.listing, listing_format(command_text(c, "format")), &text);
	listing_free(p.listing);
	free(path);
	free(dir);
	reply_send(reply, e, e ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
}
