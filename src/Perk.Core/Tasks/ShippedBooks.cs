namespace Perk.Core.Tasks;

/// <summary>The books that lie beside a program.</summary>
public static class ShippedBooks
{
    /// <summary>Their folder beside the running program.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "data", "books");

    /// <summary>Those that the shipped checkpoint was not trained on: what it is measured with.</summary>
    public static IReadOnlyList<string> HeldOut { get; } = ["bram-stoker_dracula", "herman-melville_moby-dick"];
}
