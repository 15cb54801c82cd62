using Perk.Scale.Events;

namespace Perk.Scale.Queues;

/// <summary>A storage queue: messages in the order in which they became visible, and hidden ones.</summary>
/// <param name="loop">The clock.</param>
internal sealed class MessageQueue(EventLoop loop)
{
    private readonly Queue<Message> _visible = new();
    private readonly Queue<Func<bool>> _waiting = new();
    private int _hidden;

    /// <summary>Messages, hidden ones too: what the scaler sees.</summary>
    public int Length => _visible.Count + _hidden;

    /// <summary>How often a message was received that had been received before.</summary>
    public long Redeliveries { get; private set; }

    /// <summary>Adds a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">Seconds until it can be received.</param>
    public void Send(Message message, double delay = 0)
    {
        _hidden++;
        Return(message, delay);
    }

    /// <summary>Receives a message and hides it.</summary>
    public Message? Receive()
    {
        if (!_visible.TryDequeue(out var message)) return null;
        _hidden++;
        if (message.Received++ > 0) Redeliveries++;
        message.LockedAt = loop.Now;
        return message;
    }

    /// <summary>Lets a hidden message be received again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">In how many seconds.</param>
    public void Return(Message message, double delay)
    {
        if (delay > 0) loop.After(delay, () => Show(message));
        else Show(message);
    }

    /// <summary>Removes a message that was received.</summary>
    public void Delete() => _hidden--;

    /// <summary>Tells a replica once when there is something to receive.</summary>
    /// <param name="look">Receives; false where the replica is gone.</param>
    public void WhenVisible(Func<bool> look) => _waiting.Enqueue(look);

    private void Show(Message message)
    {
        _hidden--;
        _visible.Enqueue(message);
        while (_waiting.TryDequeue(out var look))
            if (look()) return;
    }
}
