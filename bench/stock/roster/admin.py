"""The admin pages as the tutorial shows them, with import-export's list."""

from django.contrib import admin
from import_export.admin import ImportExportModelAdmin

from roster.models import Child, Note, Parent, School, SchoolClass


class ParentInline(admin.TabularInline):
    model = Parent
    extra = 1


class NoteInline(admin.TabularInline):
    model = Note
    extra = 1


@admin.register(Child)
class ChildAdmin(ImportExportModelAdmin):
    list_display = ["name", "sex", "birth_date", "school", "school_class", "support_level"]
    list_filter = ["school", "support_level"]
    search_fields = ["name", "id_no"]
    inlines = [ParentInline, NoteInline]


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    list_display = ["on", "child", "kind", "state"]
    list_filter = ["kind", "state"]
    search_fields = ["child__name"]


admin.site.register([School, SchoolClass])
