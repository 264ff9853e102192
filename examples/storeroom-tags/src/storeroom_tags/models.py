from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import plugin_registry
from storeroom_notes import Note


class Base(DeclarativeBase):
    registry = plugin_registry("tags")


class Tag(Base):
    __tablename__ = "tags"

    note_id: Mapped[int] = mapped_column(ForeignKey(Note.id, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True, index=True)
