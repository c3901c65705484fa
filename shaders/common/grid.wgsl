// The number of this workgroup in the whole dispatch, which may be cut into ranges of workgroups.
fn workgroup_number(id: vec3u) -> u32 {
    return p.first_workgroup + id.x;
}
