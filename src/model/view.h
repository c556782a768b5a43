#ifndef SRC_MODEL_VIEW_H
#define SRC_MODEL_VIEW_H
/* Structs made from view.def: `struct view_node` and so on. Text fields are
 * heap strings, NULL reads as ""; lists are `struct { struct X *v; size_t n; }`
 * on the heap. view_clear() frees all of it. A view belongs to one thread;
 * between threads and processes it travels as JSON (proto/view_codec). */
#include "src/base/err.h"
#include <stddef.h>
#include <stdint.h>

enum section {
	SECTION_NODE,
	SECTION_STREAMS,
	SECTION_SESSIONS,
	SECTION_TRANSCODERS,
	SECTION_ORCHESTRATORS,
	SECTION_CHAIN,
	SECTION_STAKING,
	SECTION_PRICING,
	SECTION_FUNDS,
	SECTION_TICKETS,
	SECTION_TXS,
	SECTION_DOCTOR,
	SECTION_SETTINGS,
	SECTION_DEVICES,
	SECTION_MIGRATION,
	SECTION_WIZARD,
	SECTION_COUNT,
};

enum view_type { VIEW_TEXT, VIEW_INT, VIEW_DOUBLE, VIEW_BOOL, VIEW_LIST };

struct view_field {
	const char *name;
	enum view_type type;
	size_t offset;
	const struct view_desc *(*item)(void); /* VIEW_LIST */
};
struct view_desc {
	const char *name;
	size_t size;
	const struct view_field *fields;
	size_t fields_n;
};
struct view_list { /* layout of every list field */
	void *v;
	size_t n;
};

/* Expands the fields of one object into struct members. */
#define S(f) char *f;
#define I(f) int64_t f;
#define D(f) double f;
#define B(f) bool f;
#define L(f, T) struct { struct T *v; size_t n; } f;
#define OBJECT(name, ...) struct name { __VA_ARGS__ };
#include "src/model/view.def"
#undef S
#undef I
#undef D
#undef B
#undef L
#undef OBJECT

/* session_row_desc() and so on. */
#define OBJECT(name, ...) const struct view_desc *name##_desc(void);
#include "src/model/view.def"
#undef OBJECT

const struct view_desc *section_desc(enum section s);
const char *section_name(enum section s); /* "node", "streams", ... */

void view_clear(const struct view_desc *d, void *view);
/* Frees the old text and copies the new (NULL ok). */
void view_set(char **field, const char *text);
void view_setf(char **field, const char *fmt, ...) printf_like(2, 3);
const char *view_text(const char *field); /* "" for NULL */
/* Grows a list by one zeroed item and returns it. */
#define VIEW_ADD(list) \
	((list)->v = xrealloc_array((list)->v, (list)->n + 1, \
		 sizeof(*(list)->v)), \
	 memset(&(list)->v[(list)->n], 0, sizeof(*(list)->v)), \
	 &(list)->v[(list)->n++])
#endif
