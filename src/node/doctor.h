#ifndef SRC_NODE_DOCTOR_H
#define SRC_NODE_DOCTOR_H
/* Why does no work come, or no money? Checks in the order in which one thing
 * needs the other, over what the node has published of itself. Pure. */
#include "src/node/node_facts.h"

/* Fills a zeroed view; view_clear() it. */
void doctor_examine(const struct node_facts *f, struct view_doctor *out);
size_t doctor_failures(const struct view_doctor *v);
/* 0: all is well, 1: there is a warning, 2: something fails; as monitoring
 * reads exit codes. */
int doctor_worst(const struct view_doctor *v);
#endif
