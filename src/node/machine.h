#ifndef SRC_NODE_MACHINE_H
#define SRC_NODE_MACHINE_H
/* The machine under the node - all processors together, memory, temperature -
 * from the kernel's files. What a machine does not tell stays unknown. One
 * owner; reading may take as long as the slowest sensor. */
#include "src/model/view.h"

struct machine;

/* root: "" but in tests, which bring their own proc and sys. */
struct machine *machine_new(const char *root);
void machine_free(struct machine *m); /* NULL ok */
/* Fills a row of zeros; the share of time that was busy is the one since the
 * last call, unknown at the first. */
void machine_read(struct machine *m, struct device_row *row);
#endif
