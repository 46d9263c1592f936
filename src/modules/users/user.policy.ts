import type { Viewer } from '../../common/viewer.js';

/** Whether the viewer may read a user's e-mail address and the like: the user and admins may. */
export function canSeePrivateFields(viewer: Viewer, user: { readonly id: string }): boolean {
  return viewer.kind === 'user' && (viewer.id === user.id || viewer.role === 'ADMIN');
}
