/** So much of something may be kept; what does not fit is counted instead. */
export interface Budget {
  left: number;
  leftOut: number;
}

export const budgetOf = (most: number): Budget => ({ left: most, leftOut: 0 });

/** Whether there was room for so much: then it is taken. */
export const takeFrom = (budget: Budget, size: number): boolean => {
  if (size > budget.left) {
    budget.leftOut += 1;
    return false;
  }
  budget.left -= size;
  return true;
};
