#ifndef UI_FORM_H
#define UI_FORM_H
/* Fields to be filled in: each with its label, unit, bounds, help line and a
 * remark on what is wrong with it; changes can be taken back one by one, field by
 * field or all at once. A form does nothing itself: when it is done, its ops say
 * what should happen. The keys are those of CONTEXT_FORM and CONTEXT_EDITING.
 * Pure: no I/O, no clock, no terminal. One owner. */
#include "src/base/err.h"
#include "ui/canvas.h"
#include "ui/intent.h"
#include "ui/mirror.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_CHOICE, /* one of `words`, by arrows, Space or its first letters */
	FIELD_SECRET, /* a line that is not shown, nor taken back, and wiped at the end */
};

/* What a field is; form_add() copies every text. NULL: there is none. */
struct field {
	const char *name;   /* what form_value() knows it by */
	const char *group;  /* a heading, drawn where it is another than before */
	const char *label;
	const char *unit;   /* behind the value: "LPT", "s" */
	const char *bounds; /* "1 to 65535", "at most 3 LPT" */
	const char *help;   /* a sentence or two, shown while one is here */
	enum field_kind kind;
	const char *words;  /* "a|b|c": a CHOICE's, and what a TEXT offers */
	const char *value;  /* to begin with */
	bool needed;	    /* empty is wrong; else it is right, and unchecked */
	bool fixed;	    /* shown, not to be changed */
	/* What is wrong with the text; NULL right. No function: any text is. */
	struct err *(*check)(const void *ctx, const char *text);
	const void *ctx; /* for check and share; outlives the form */
	/* Appends so many percent of what there is; NULL: no amount. */
	void (*share)(const void *ctx, unsigned percent, struct str *out);
};

struct form;

struct form_ops {
	/* What is wrong with the fields together, and where (*at). May be NULL,
	 * as the next two. */
	struct err *(*check)(const struct form *f, size_t *at);
	/* Appends a remark on a field, shown behind it instead of unit and bounds. */
	void (*note)(const struct form *f, const struct mirror *m, size_t i, struct str *out);
	/* Appends lines about the whole, asked for at every draw. */
	void (*tell)(const struct form *f, const struct mirror *m, struct str *out);
	/* What is to be done; asked for when all checks have passed. */
	struct intent (*done)(const struct form *f);
	/* Frees ctx; NULL: nothing to free. */
	void (*free_ctx)(void *ctx);
};

enum form_event {
	FORM_WAIT,
	FORM_LEFT,  /* given up */
	FORM_READY, /* all is right: form_done() */
	FORM_ASKS,  /* for help about its keys */
};

/* ctx: what ops needs to know; see form_ctx(). */
struct form *form_new(const struct form_ops *ops, const char *title, void *ctx);
void form_free(struct form *f);
void form_add(struct form *f, const struct field *field);
/* The n-th field's or the named one's text; never NULL, "" where there is none. */
const char *form_text(const struct form *f, size_t i);
const char *form_value(const struct form *f, const char *name);
/* Whether the named field's text is another than at the beginning. */
bool form_changed(const struct form *f, const char *name);
bool form_fixed(const struct form *f, size_t i);
void *form_ctx(const struct form *f);
enum form_event form_key(struct form *f, int key);
struct intent form_done(const struct form *f);
/* Fills r. *x and *y are where the cursor belongs. */
void form_draw(struct form *f, const struct mirror *m, struct canvas *c, struct rect r,
	int *x, int *y);
/* Says of a field what the node said: shown until its text changes. */
void form_blame(struct form *f, const char *name, const char *text);
#endif
