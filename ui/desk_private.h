#ifndef UI_DESK_PRIVATE_H
#define UI_DESK_PRIVATE_H
/* The desk's inside, for the files it is made of: desk.c hears keys and draws,
 * desk_do.c sees to what is wanted done, desk_rows.c to what is done with the rows
 * of a room: sought, copied, saved. */
#include "ui/confirm.h"
#include "ui/desk.h"
#include "ui/form.h"
#include "ui/intent.h"
#include "ui/pager.h"
#include "ui/panel.h"
#include "ui/picker.h"
#include "ui/prompt.h"
#include "ui/table.h"
#include "ui/words.h"

#define LOG_ROOM 3

struct desk {
	struct mirror *mirror;
	void *state[PANELS];
	size_t here;
	struct prompt prompt;
	struct confirm confirm;
	struct form *form; /* NULL: none is open */
	struct picker picker;
	struct pager pager;
	size_t asked; /* so many questions are awaited, to be asked together */
	char *sought; /* in lower case; NULL: nothing was yet */
	bool help;
	int help_scroll;
	char *message;
	enum style message_style;
	int w; /* of the last canvas */
	bool small; /* the last canvas was too small to work on */
	int cursor_x, cursor_y;
};

struct wish wish(enum wish_kind kind);
struct wish wish_text(enum wish_kind kind, const char *text);

/* --- desk_do.c --- */
struct wish desk_do(struct desk *d, struct intent i); /* takes its text and form */
/* A line of the ':' prompt. */
struct wish desk_run(struct desk *d, const char *line);
struct wish desk_confirm_key(struct desk *d, int key);
struct wish desk_form_key(struct desk *d, int key);
void desk_open_help(struct desk *d);
void desk_set_filter(struct desk *d, const char *text);
/* Questions of the node's are asked as soon as nothing else is. */
void desk_take_questions(struct desk *d);
/* What the node answered in several lines is laid before the operator, unless the
 * room shows it anyway. */
void desk_take_paper(struct desk *d);

/* --- desk_rows.c --- */
/* The room's table, loaded; NULL: none is on the screen. */
struct table *desk_table(const struct desk *d);
/* Goes to the next row (step 1) or the one before (-1) with what is sought; from:
 * this one counts, too. */
void desk_find(struct desk *d, int step, bool from);
void desk_seek(struct desk *d, const char *text);
struct wish desk_copy(struct desk *d, bool rows);
/* path "": asks for one first. */
struct wish desk_save_csv(struct desk *d, const char *path, bool replace);
/* What is tagged, for the message line; appends nothing when nothing is. */
void desk_tell_tags(const struct desk *d, struct str *out);
#endif
