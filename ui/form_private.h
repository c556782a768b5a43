#ifndef UI_FORM_PRIVATE_H
#define UI_FORM_PRIVATE_H
/* A form's inside, for the two files it is made of: form.c obeys, form_draw.c
 * draws. */
#include "ui/form.h"
#include "ui/line.h"

#define FORM_UNDO_MAX 200
#define FORM_TEXTS 8

struct form_entry {
	struct field field;
	char *own[FORM_TEXTS]; /* the field's texts */
	struct line line;
	char *error;	    /* NULL: right, or not looked at yet */
	bool visited;	    /* one has been here: what is wrong is said */
};

/* A text as it was before a change. Changes of one number go back together. */
struct form_change {
	size_t at;
	char *text;
	uint64_t number;
};

struct form_changes {
	struct form_change v[FORM_UNDO_MAX];
	size_t n;
};

struct form {
	const struct form_ops *ops;
	char *title;
	void *ctx;
	struct form_entry *fields;
	size_t n, here;
	size_t top; /* first line drawn */
	char *error; /* of the fields together */
	struct form_changes undo, redo;
	uint64_t number;
	bool typing; /* the last change belongs to the one before */
};

bool form_is_changed(const struct form_entry *e);
#endif
