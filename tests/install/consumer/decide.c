/* SPDX-License-Identifier: Apache-2.0
   Loads the table that it is given, prints the policy's name and that a transfer of nothing is denied. */
#include <stdio.h>

#include <ringfence/ringfence_c.h>

int main(int count, char **arguments) {
  static unsigned char bytes[1 << 20];
  FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
  if (file == NULL) return 2;
  const size_t byte_count = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  ringfence_table *table = NULL;
  if (ringfence_table_load(bytes, byte_count, &table, NULL) != RINGFENCE_OK) return 2;
  const ringfence_transfer nothing = {.size = sizeof nothing};
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  const ringfence_status asked = ringfence_get_needs(table, &nothing, &needs, NULL, 0);
  const ringfence_status answered = ringfence_decide(table, &nothing, &needs, NULL, 0, RINGFENCE_CHECK_FLOORS, &decision);
  const ringfence_text name = ringfence_policy_name(table);
  printf("%.*s: %s\n", (int)name.bytes, name.data, ringfence_reason_word(decision.reason));
  ringfence_table_free(table);
  return asked == RINGFENCE_OK && answered == RINGFENCE_OK && decision.allowed == 0 ? 0 : 1;
}
